import { parseArgs } from "node:util";
import type { Shard } from "../../../../core/shards/connect.ts";
import { type WebhookBacklog, webhookBacklog } from "../../../../core/shards/webhook-backlog.ts";
import type { OpsCommand } from "../../ops-command.ts";
import { table } from "../../table.ts";
import { onEveryShard } from "../../webhooks/on-every-shard.ts";
import {
  type RegisteredEndpoint,
  registeredEndpoints,
  shownTarget,
} from "../../webhooks/registered-endpoints.ts";
import { withShards } from "../../with-shards.ts";

const COLUMNS = ["endpoint", "seller", "state", "waiting", "oldest s", "dead", "url"];

export const list: OpsCommand = {
  summary: "the endpoints, and what waits for each",
  help: `npm run ops -- webhooks list [--json]

One line for each endpoint: whose events it gets (-: everybody's), whether it is active, paused or lacking on a shard, how
many deliveries wait for it and for how many seconds the oldest does, how many were given up, and its URL without the query.

  --json  one JSON object a line`,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { json: { type: "boolean", default: false } } });
    const lines = await withShards(endpointLines);
    if (values.json) for (const line of lines) console.log(JSON.stringify(line));
    else if (lines.length === 0) console.log("no endpoints: order events leave through NATS alone");
    else console.log(table(COLUMNS, lines.map(toCells)));
  },
};

async function endpointLines(shards: readonly Shard[]) {
  const registered = await registeredEndpoints(shards);
  const backlogs = (await onEveryShard(shards, webhookBacklog)).map(({ value }) => value);
  return Array.from(registered.values(), (one) => lineOf(one, backlogs));
}

function lineOf(
  { endpoint, missingOn, agreed }: RegisteredEndpoint,
  backlogs: readonly ReadonlyMap<string, WebhookBacklog>[],
) {
  const { endpointId, sellerId, url, paused } = endpoint;
  const mine = backlogs.flatMap((backlog) => backlog.get(endpointId) ?? []);
  const sum = (of: "waiting" | "dead"): number => mine.reduce((total, one) => total + one[of], 0);
  return {
    endpointId,
    sellerId,
    url: shownTarget(url),
    paused,
    missingOn,
    agreed,
    waiting: sum("waiting"),
    dead: sum("dead"),
    oldestSeconds: Math.round(Math.max(0, ...mine.map(({ oldestMs }) => oldestMs)) / 1_000),
  };
}

function toCells(line: ReturnType<typeof lineOf>) {
  const { endpointId, sellerId, url, waiting, oldestSeconds, dead } = line;
  return [endpointId, sellerId, stateOf(line), waiting, oldestSeconds, dead, url];
}

function stateOf({ paused, missingOn, agreed }: ReturnType<typeof lineOf>): string {
  if (missingOn.length > 0) return `not on shard ${missingOn.join(", ")}`;
  if (!agreed) return "differs by shard";
  return paused ? "paused" : "active";
}
