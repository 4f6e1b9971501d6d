import { parseArgs } from "node:util";
import type { Shard } from "../../../../core/shards/connect.ts";
import { newWebhookSecret } from "../../../../core/orders/webhooks/webhook-signature.ts";
import { resolveTarget } from "../../../../core/orders/webhooks/webhook-target.ts";
import { addEndpoint, type WebhookEndpoint } from "../../../../core/shards/webhook-endpoints.ts";
import { idSchema } from "../../../../shared/ids.ts";
import type { OpsCommand } from "../../ops-command.ts";
import { askEveryShard } from "../../webhooks/on-every-shard.ts";
import { newEndpointId, registeredEndpoints } from "../../webhooks/registered-endpoints.ts";
import { targetDeps } from "../../webhooks/target-deps.ts";
import { withShards } from "../../with-shards.ts";

/** Each look for what is due goes through all of them. */
const MAX_ENDPOINTS = 1_000;

export const add: OpsCommand = {
  summary: "send order events to a URL from now on",
  help: `npm run ops -- webhooks add <url> [--seller ID]

Registers the URL on every shard and prints its id and its secret, which is not shown again. Every order event from now on is
sent there; with --seller only those of that seller's auctions. Adding the same URL and seller again changes nothing, and
completes it on shards that lack it, for instance a new one.

The URL must be https and its host lead to public addresses only, unless LASTCALL_WEBHOOK_ALLOW (ranges such as
10.1.0.0/16, or loopback, or private; separated by commas) allows others; the cores need the same setting.`,
  async run(args) {
    const options = { seller: { type: "string" } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [text] = positionals;
    if (text === undefined || positionals.length !== 1) throw new Error("name one URL");
    const sellerId = values.seller === undefined ? null : idSchema.parse(values.seller);
    const { url } = await resolveTarget(targetDeps(), text);
    await withShards((shards) => register(shards, url.href, sellerId));
  },
};

async function register(shards: readonly Shard[], url: string, sellerId: string | null): Promise<void> {
  const endpointId = newEndpointId(url, sellerId);
  const registered = await registeredEndpoints(shards);
  const known = registered.get(endpointId);
  if (known?.agreed === false)
    throw new Error(`the shards disagree about ${endpointId}; remove it and add it again`);
  if (known === undefined && registered.size >= MAX_ENDPOINTS)
    throw new Error(`there are ${registered.size} endpoints already, which is as many as there may be`);
  const endpoint: WebhookEndpoint = known?.endpoint ?? {
    endpointId,
    url,
    secret: newWebhookSecret(),
    sellerId,
    paused: false,
  };
  const { answers, failure } = await askEveryShard(shards, (shard) => addEndpoint(shard, endpoint));
  const added = answers.filter(({ value }) => value).map(({ shard }) => shard.number);
  if (known === undefined && answers.length > 0) {
    console.log(`added ${endpointId}`);
    console.log(`its secret, which is not shown again: ${endpoint.secret}`);
  } else if (added.length > 0) console.log(`${endpointId} was there; added to shard ${added.join(", ")}`);
  else if (failure === undefined) console.log(`${endpointId} is there already; nothing has changed`);
  if (failure !== undefined)
    throw new Error(`it is not on every shard: ${failure}; add it again to complete it`);
}
