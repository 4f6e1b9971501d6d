import { parseArgs } from "node:util";
import { redeliver as redeliverOn } from "../../../../core/shards/webhook-dead.ts";
import type { OpsCommand } from "../../ops-command.ts";
import { onEveryShard } from "../../webhooks/on-every-shard.ts";
import { readLimit } from "../../webhooks/read-limit.ts";
import { withShards } from "../../with-shards.ts";

/** One transaction a shard; its lanes wait meanwhile. */
const DEFAULT_LIMIT = 1_000;

export const redeliver: OpsCommand = {
  summary: "send again what was given up",
  help: `npm run ops -- webhooks redeliver --endpoint ID | --event ID | --all [--limit ${DEFAULT_LIMIT}]

Makes deliveries that were given up due again, with all their attempts. Each goes before what still waits of its auction, but
after what was sent meanwhile: a receiver that needs the order goes by the event's seq.

  --endpoint  only this endpoint's
  --event     only this event's, as webhooks dead shows its id
  --all       every endpoint's
  --limit     at most so many of each shard`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        endpoint: { type: "string" },
        event: { type: "string" },
        all: { type: "boolean", default: false },
        limit: { type: "string", default: String(DEFAULT_LIMIT) },
      },
    });
    const { endpoint: endpointId, event: eventId } = values;
    if (values.all === (endpointId !== undefined || eventId !== undefined))
      throw new Error("say which: --endpoint, --event or both; or --all");
    const limit = readLimit(values.limit);
    const answers = await withShards((shards) =>
      onEveryShard(shards, (shard) => redeliverOn(shard, { endpointId, eventId, limit })),
    );
    const count = answers.reduce((sum, { value }) => sum + value, 0);
    console.log(`made due again: ${count}`);
    if (answers.some(({ value }) => value === limit)) console.error("there may be more: say it again");
  },
};
