import { parseArgs } from "node:util";
import { type DeadDelivery, listDeadDeliveries } from "../../../../core/shards/webhook-dead.ts";
import type { OpsCommand } from "../../ops-command.ts";
import { table } from "../../table.ts";
import { onEveryShard } from "../../webhooks/on-every-shard.ts";
import { withShards } from "../../with-shards.ts";
import { readLimit } from "../../webhooks/read-limit.ts";

/** As many as one looks through. */
const DEFAULT_LIMIT = 50;

const COLUMNS = ["endpoint", "event", "attempts", "given up", "reason"];

export const dead: OpsCommand = {
  summary: "the deliveries that were given up",
  help: `npm run ops -- webhooks dead [--endpoint ID] [--limit ${DEFAULT_LIMIT}] [--json]

One line for each, those that were given up first: the endpoint, the event, how often it was tried, when it was given up and
what came of the last attempt. The events after it have gone on. Redeliver makes them due again.

  --endpoint  only this endpoint's
  --limit     at most so many
  --json      one JSON object a line`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        endpoint: { type: "string" },
        limit: { type: "string", default: String(DEFAULT_LIMIT) },
        json: { type: "boolean", default: false },
      },
    });
    const limit = readLimit(values.limit);
    // One more than asked for: whether there are more.
    const filter = { endpointId: values.endpoint, limit: limit + 1 };
    const answers = await withShards((shards) =>
      onEveryShard(shards, (shard) => listDeadDeliveries(shard, filter)),
    );
    const found = answers.flatMap(({ value }) => value).sort((a, b) => a.deadAtMs - b.deadAtMs);
    const lines = found.slice(0, limit).map(lineOf);
    if (values.json) for (const line of lines) console.log(JSON.stringify(line));
    else if (lines.length === 0) console.log("none was given up");
    else console.log(table(COLUMNS, lines.map(toCells)));
    if (found.length > limit) console.error(`there are more: --limit ${limit * 2}`);
  },
};

const lineOf = ({ endpointId, eventId, auctionId, attempts, deadAtMs, error }: DeadDelivery) => ({
  endpointId,
  eventId,
  auctionId,
  attempts,
  deadAt: new Date(deadAtMs).toISOString(),
  error,
});

const toCells = ({ endpointId, eventId, attempts, deadAt, error }: ReturnType<typeof lineOf>) => [
  endpointId,
  eventId,
  attempts,
  deadAt,
  error,
];
