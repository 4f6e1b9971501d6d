import { createHash } from "node:crypto";
import type { Shard } from "../../../core/shards/connect.ts";
import { listEndpoints, type WebhookEndpoint } from "../../../core/shards/webhook-endpoints.ts";
import { onEveryShard } from "./on-every-shard.ts";

/** An endpoint as the shards have it. */
export interface RegisteredEndpoint {
  readonly endpoint: WebhookEndpoint;
  /** Numbers of the shards that lack it: their events do not reach it. */
  readonly missingOn: readonly number[];
  /** Whether all that have it agree about it. */
  readonly agreed: boolean;
}

/** All endpoints, by id. Throws when a shard cannot be reached. */
export async function registeredEndpoints(
  shards: readonly Shard[],
): Promise<ReadonlyMap<string, RegisteredEndpoint>> {
  const lists = await onEveryShard(shards, listEndpoints);
  const registered = new Map<string, RegisteredEndpoint>();
  for (const endpoint of lists.flatMap(({ value }) => value)) {
    const { endpointId } = endpoint;
    if (registered.has(endpointId)) continue;
    const copies = lists.map(({ shard, value }) => ({
      number: shard.number,
      copy: value.find((one) => one.endpointId === endpointId),
    }));
    registered.set(endpointId, {
      endpoint,
      missingOn: copies.flatMap(({ number, copy }) => (copy === undefined ? [number] : [])),
      agreed: copies.every(({ copy }) => copy === undefined || isSame(copy, endpoint)),
    });
  }
  return registered;
}

/** The one that the words name. Throws when they name none. */
export async function findEndpoint(
  shards: readonly Shard[],
  words: readonly string[],
): Promise<RegisteredEndpoint> {
  const found = (await registeredEndpoints(shards)).get(endpointIdOf(words));
  if (found === undefined) throw new Error(`there is no endpoint ${words[0]}; see webhooks list`);
  return found;
}

export function endpointIdOf(words: readonly string[]): string {
  const [endpointId] = words;
  if (endpointId === undefined || words.length !== 1)
    throw new Error("name one endpoint by its id; see webhooks list");
  return endpointId;
}

/** Follows from what it is for, so that adding it again finds it. */
export function newEndpointId(url: string, sellerId: string | null): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([url, sellerId]))
    .digest("hex");
  return `wh-${digest.slice(0, 16)}`;
}

/** A URL as it may be shown: what stands in a query is often a token. */
export function shownTarget(text: string): string {
  const { origin, pathname, search } = new URL(text);
  return origin + pathname + (search === "" ? "" : "?…");
}

const isSame = (one: WebhookEndpoint, other: WebhookEndpoint): boolean =>
  one.url === other.url &&
  one.secret === other.secret &&
  one.sellerId === other.sellerId &&
  one.paused === other.paused;
