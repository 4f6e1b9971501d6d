import { pauseEndpoint } from "../../../../core/shards/webhook-endpoints.ts";
import type { OpsCommand } from "../../ops-command.ts";
import { onEveryShard } from "../../webhooks/on-every-shard.ts";
import { endpointIdOf } from "../../webhooks/registered-endpoints.ts";
import { withShards } from "../../with-shards.ts";

export const pause: OpsCommand = {
  summary: "send nothing to an endpoint for now; its events wait",
  help: `npm run ops -- webhooks pause <id>

Its events are recorded and wait, without using up attempts, until it is resumed.`,
  run: (args) => setPaused(args, true),
};

export const resume: OpsCommand = {
  summary: "send to a paused endpoint again",
  help: `npm run ops -- webhooks resume <id>

What has waited is sent, the oldest first.`,
  run: (args) => setPaused(args, false),
};

async function setPaused(args: readonly string[], paused: boolean): Promise<void> {
  const endpointId = endpointIdOf(args);
  const answers = await withShards((shards) =>
    onEveryShard(shards, (shard) => pauseEndpoint(shard, endpointId, paused)),
  );
  if (!answers.some(({ value }) => value)) throw new Error(`there is no endpoint ${endpointId}`);
  console.log(`${paused ? "paused" : "resumed"} ${endpointId}`);
}
