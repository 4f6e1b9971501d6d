import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createNoopMeter } from "@opentelemetry/api";
import { systemClock } from "../../../../core/clock.ts";
import { createLog } from "../../../../core/log.ts";
import { addressPolicy } from "../../../../core/orders/webhooks/public-address.ts";
import {
  type DelivererDeps,
  startWebhookDeliverer,
  type WebhookDeliverer,
} from "../../../../core/orders/webhooks/webhook-deliverer.ts";
import { newWebhookSecret } from "../../../../core/orders/webhooks/webhook-signature.ts";
import { systemResolve } from "../../../../core/orders/webhooks/webhook-target.ts";
import { connectShard, type Shard } from "../../../../core/shards/connect.ts";
import { migrateShards } from "../../../../core/shards/migrate.ts";
import { forgetEvents } from "../../../../core/shards/outbox.ts";
import { addEndpoint } from "../../../../core/shards/webhook-endpoints.ts";
import { createCoreMetrics } from "../../../../core/telemetry/core-metrics.ts";
import { startStack } from "../../../../infra/local/stack.ts";
import type { OrderEvent } from "../../../../shared/orders.ts";
import { slotOf } from "../../../../shared/slots.ts";
import { WIRE_VERSION } from "../../../../shared/wire-version.ts";
import { sam } from "../../../support/builders.ts";

const SLOTS = 8;

export interface Row {
  readonly endpoint: string;
  readonly event: string;
  readonly attempts: number;
  readonly turn: boolean;
  readonly dead: boolean;
  readonly error: string | null;
}

/** Migrated shards on a real Postgres, into whose outboxes a test writes. */
export interface PostOffice {
  readonly shards: readonly Shard[];
  /** Of the shards. */
  readonly urls: readonly string[];
  readonly logged: string[];
  /** Writes events of an auction into its outbox, numbered on, and takes them out as the dispatcher does. Their ids. */
  tell(auctionId: string, count?: number, sellerId?: string): Promise<string[]>;
  /** Registers it on every shard and returns its secret. */
  register(endpointId: string, url: string, sellerId?: string): Promise<string>;
  /** An instance that owns every slot. A second one is a second core. */
  deliver(changes?: Partial<DelivererDeps>): WebhookDeliverer;
  rows(): Promise<Row[]>;
  /** Stops the deliverers and forgets everything. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

export async function startPostOffice(): Promise<PostOffice> {
  const data = await mkdtemp(path.join(tmpdir(), "lastcall-webhooks-"));
  const stack = await startStack({ data, serversOnly: true });
  await migrateShards(stack.info.shards, { slots: SLOTS });
  const shards = stack.info.shards.map(connectShard);
  const logged: string[] = [];
  const running: WebhookDeliverer[] = [];
  const seqs = new Map<string, number>();
  const home = (auctionId: string): Shard => shards[slotOf(auctionId, SLOTS) % shards.length] as Shard;
  const slotsOf = ({ number }: Pick<Shard, "number">): number[] =>
    Array.from({ length: SLOTS }, (_, slot) => slot).filter((slot) => slot % shards.length === number);

  return {
    shards,
    urls: stack.info.shards,
    logged,
    async tell(auctionId, count = 1, sellerId = sam) {
      const { sql } = home(auctionId);
      const ids: string[] = [];
      for (let i = 0; i < count; i++) {
        const seq = (seqs.get(auctionId) ?? 0) + 1;
        seqs.set(auctionId, seq);
        const event = eventOf(auctionId, seq, sellerId);
        ids.push(event.id);
        await sql`
          insert into outbox (event_id, slot, seq, place, auction_id, payload)
          values (${event.id}, ${slotOf(auctionId, SLOTS)}, ${seq}, 0, ${auctionId}, ${JSON.stringify(event)}::text::json)`;
      }
      await forgetEvents(home(auctionId), ids);
      return ids;
    },
    async register(endpointId, url, sellerId) {
      const secret = newWebhookSecret();
      const endpoint = { endpointId, url, secret, sellerId: sellerId ?? null, paused: false };
      await Promise.all(shards.map((shard) => addEndpoint(shard, endpoint)));
      return secret;
    },
    deliver(changes = {}) {
      const deliverer = startWebhookDeliverer({
        shards,
        slotsOf,
        policy: addressPolicy("loopback"),
        resolve: systemResolve,
        random: () => 0.5,
        retry: { attempts: 4, firstBackoffMs: 50 },
        timeoutMs: 1_000,
        clock: systemClock,
        metrics: createCoreMetrics(createNoopMeter()),
        log: createLog({}, (line) => logged.push(line)),
        ...changes,
      });
      running.push(deliverer);
      return deliverer;
    },
    async rows() {
      const all = await Promise.all(
        shards.map(
          ({ sql }) => sql<Row[]>`
            select endpoint_id as endpoint, event_id as event, attempts, next_attempt_at is not null as turn,
              dead_at is not null as dead, last_error as error
            from webhook_deliveries order by endpoint_id, auction_id, seq, place`,
        ),
      );
      return all.flat().map((row) => ({ ...row }));
    },
    async empty() {
      await Promise.all(running.splice(0).map((deliverer) => deliverer.stop()));
      await Promise.all(shards.map(({ sql }) => sql`delete from webhook_endpoints`));
      logged.length = 0;
    },
    async close() {
      await Promise.all(running.map((deliverer) => deliverer.stop()));
      await Promise.all(shards.map(({ sql }) => sql.end({ timeout: 1 })));
      await stack.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

function eventOf(auctionId: string, seq: number, sellerId: string): OrderEvent {
  const at = 1_800_000_000_000 + seq;
  return {
    v: WIRE_VERSION,
    id: `${auctionId}-${seq}.pending`,
    type: "order.pending",
    sellerId,
    at,
    seq,
    order: {
      orderId: `${auctionId}-${seq}`,
      auctionId,
      bidderId: "ada",
      status: "pending",
      source: "bid",
      quantity: 1,
      unitPrice: 2_500,
      amount: 2_500,
      currency: "EUR",
      createdAt: at,
      updatedAt: at,
      expiresAt: null,
    },
  };
}
