import { removeEndpoint } from "../../../../core/shards/webhook-endpoints.ts";
import type { OpsCommand } from "../../ops-command.ts";
import { onEveryShard } from "../../webhooks/on-every-shard.ts";
import { endpointIdOf } from "../../webhooks/registered-endpoints.ts";
import { withShards } from "../../with-shards.ts";

export const remove: OpsCommand = {
  summary: "forget an endpoint, and what waits for it",
  help: `npm run ops -- webhooks remove <id>

Removes the endpoint from every shard, with all deliveries that wait for it or were given up. The events stay in the stream
ORDERS. To stop it for a while, pause it instead.`,
  async run(args) {
    const endpointId = endpointIdOf(args);
    const answers = await withShards((shards) =>
      onEveryShard(shards, (shard) => removeEndpoint(shard, endpointId)),
    );
    if (!answers.some(({ value }) => value)) throw new Error(`there is no endpoint ${endpointId}`);
    console.log(`removed ${endpointId}`);
  },
};
