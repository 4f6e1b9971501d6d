import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  customType,
  index,
  integer,
  json,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { OrderSource, OrderStatus } from "../../shared/orders.ts";
import type { AuctionState } from "../auction/auction.ts";

/** Safe as numbers: sequences, versions, milliseconds and minor units all stay below 2^53 by their schemas. */
const big = (name: string) => bigint(name, { mode: "number" });

const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => "bytea" });

/** Constants of the cluster that every shard must agree on, fixed at its creation. */
export const settings = pgTable("settings", {
  name: text().primaryKey(),
  value: text().notNull(),
});

/** Live core instances; each renews its row, and the count says how many slots are a fair share. */
export const instances = pgTable("instances", {
  instanceId: text("instance_id").primaryKey(),
  leaseUntil: timestamp("lease_until", { withTimezone: true }).notNull(),
});

/**
 * A slot's row on a shard. `role` is the authority on where the slot lives: exactly one shard has it active.
 * `applied_*` is the position in the log up to which everything is committed, and the fingerprint of that message.
 */
export const slots = pgTable("slots", {
  slot: integer().primaryKey(),
  role: text({ enum: ["active", "shadow", "sealed"] }).notNull(),
  epoch: big("epoch").notNull().default(0),
  owner: text(),
  leaseUntil: timestamp("lease_until", { withTimezone: true }),
  appliedSeq: big("applied_seq").notNull().default(0),
  appliedAt: big("applied_at").notNull().default(0),
  appliedId: text("applied_id").notNull().default(""),
  streamId: text("stream_id").notNull().default(""),
  /** Results up to here have been handed to NATS; above it a new owner publishes again. */
  publishedSeq: big("published_seq").notNull().default(0),
  /** Added to its stream's sequences, so that the slot's own go on rising after an operator has adopted another stream. */
  seqBase: big("seq_base").notNull().default(0),
  /** Why the slot is out of service, if it is; an operator clears it. */
  haltedReason: text("halted_reason"),
});

/**
 * One row an auction, O(1) in its bids; `state` is what `decide` needs beside the bidders and orders, the other columns are
 * what queries need.
 */
export const auctions = pgTable(
  "auctions",
  {
    auctionId: text("auction_id").primaryKey(),
    slot: integer().notNull(),
    /** Of its creation, UTC, as yyyymm: the partition of its decisions. */
    month: integer().notNull(),
    format: text().notNull(),
    status: text().notNull(),
    version: big("version").notNull(),
    sellerId: text("seller_id").notNull(),
    currency: text().notNull(),
    price: big("price"),
    bidCount: big("bid_count").notNull(),
    leaderId: text("leader_id"),
    createdAt: big("created_at").notNull(),
    endsAt: big("ends_at").notNull(),
    nextDeadline: big("next_deadline"),
    /** The newest envelope that is in this row, and the head of the audit chain there. */
    seq: big("seq").notNull(),
    at: big("at").notNull(),
    chain: text().notNull(),
    state: json().$type<AuctionState>().notNull(),
  },
  (t) => [
    index("auctions_deadline")
      .on(t.slot, t.nextDeadline)
      .where(sql`next_deadline is not null`),
    index("auctions_ending").on(t.status, t.endsAt, t.auctionId),
    index("auctions_newest").on(t.createdAt, t.auctionId),
  ],
);

/**
 * The decisions of one envelope. The view `decisions` shows them one row a command, `bids` the bids among them.
 * Partitioned by the auction's month (the migration says so; Drizzle cannot), so that old months detach.
 */
export const decisionLog = pgTable(
  "decision_log",
  {
    auctionId: text("auction_id").notNull(),
    seq: big("seq").notNull(),
    month: integer().notNull(),
    slot: integer().notNull(),
    at: big("at").notNull(),
    fromVersion: big("from_version").notNull(),
    toVersion: big("to_version").notNull(),
    envelopeId: text("envelope_id").notNull(),
    origin: text().notNull(),
    /** Six bytes of each key that this envelope took. */
    fingerprints: bytea("fingerprints").notNull(),
    /** The entries of `auction/record-codec.ts`. Text, because checking JSON that we wrote ourselves costs as much again as storing it. */
    record: text().notNull(),
    chain: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.auctionId, t.seq, t.month] }),
    index("decision_log_slot").on(t.slot, t.seq),
  ],
);

/** What an auction knows of one bidder: the standing bid, units, places on the waitlist, a block. */
export const bidders = pgTable(
  "bidders",
  {
    auctionId: text("auction_id").notNull(),
    bidderId: text("bidder_id").notNull(),
    slot: integer().notNull(),
    blocked: boolean().notNull(),
    /** What stands: the secret limit (null: nothing stands), the highest amount named openly, and when the limit was reached. */
    maxAmount: big("max_amount"),
    floorAmount: big("floor_amount").notNull(),
    reachedVersion: big("reached_version").notNull(),
    reachedAt: big("reached_at").notNull(),
    /** Units of pending and confirmed orders, and places on the waitlist (`bidder-row.ts`). */
    units: integer().notNull(),
    waiting: text().notNull(),
    bidAt: big("bid_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.auctionId, t.bidderId] }), index("bidders_bidder").on(t.bidderId)],
);

/** Sales: pending → confirmed | released | expired. Numbered within their auction, in the order of placing. */
export const orders = pgTable(
  "orders",
  {
    auctionId: text("auction_id").notNull(),
    number: integer().notNull(),
    slot: integer().notNull(),
    bidderId: text("bidder_id").notNull(),
    quantity: integer().notNull(),
    unitPrice: big("unit_price").notNull(),
    source: text().$type<OrderSource>().notNull(),
    status: text().$type<OrderStatus>().notNull(),
    createdAt: big("created_at").notNull(),
    updatedAt: big("updated_at").notNull(),
    /** Null: it does not expire by itself. */
    expiresAt: big("expires_at"),
  },
  (t) => [
    primaryKey({ columns: [t.auctionId, t.number] }),
    index("orders_bidder").on(t.bidderId, t.createdAt),
  ],
);

/** Events that must leave for other systems; written with the decision that caused them, deleted when they have left. */
export const outbox = pgTable(
  "outbox",
  {
    eventId: text("event_id").primaryKey(),
    slot: integer().notNull(),
    /** The deciding envelope, and the event's place among its events: the order in which they leave. */
    seq: big("seq").notNull(),
    place: integer().notNull(),
    auctionId: text("auction_id").notNull(),
    payload: json().notNull(),
  },
  (t) => [index("outbox_pending").on(t.slot, t.seq, t.place)],
);

/** Where order events are sent over HTTP. Every shard has every endpoint, because every shard's events may concern it. */
export const webhookEndpoints = pgTable("webhook_endpoints", {
  endpointId: text("endpoint_id").primaryKey(),
  url: text().notNull(),
  /** Signs the deliveries: `whsec_` and base64. */
  secret: text().notNull(),
  /** Only this seller's events; null: everybody's. */
  sellerId: text("seller_id"),
  /** An operator's wish: its deliveries are recorded and wait. */
  paused: boolean().notNull().default(false),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
});

/**
 * One event for one endpoint: written by the statement that takes the event out of the outbox, deleted when the endpoint has
 * it. The live deliveries of an auction to an endpoint are a lane; only a lane's first has a `next_attempt_at`, so that what
 * waits behind it costs nothing.
 */
export const webhookDeliveries = pgTable(
  "webhook_deliveries",
  {
    endpointId: text("endpoint_id")
      .notNull()
      .references(() => webhookEndpoints.endpointId, { onDelete: "cascade" }),
    eventId: text("event_id").notNull(),
    slot: integer().notNull(),
    seq: big("seq").notNull(),
    place: integer().notNull(),
    auctionId: text("auction_id").notNull(),
    /** JSON as text, byte for byte what is signed and sent each time. */
    payload: text().notNull(),
    attempts: integer().notNull().default(0),
    /** Epoch milliseconds by the owner's clock; null: it is not its turn, or it is dead. */
    nextAttemptAt: big("next_attempt_at"),
    lastError: text("last_error"),
    /** When it was given up; an operator makes it due again. */
    deadAt: big("dead_at"),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.endpointId, t.eventId] }),
    index("webhook_deliveries_lane")
      .on(t.endpointId, t.auctionId, t.seq, t.place)
      .where(sql`dead_at is null`),
    index("webhook_deliveries_due")
      .on(t.endpointId, t.nextAttemptAt)
      .where(sql`next_attempt_at is not null`),
  ],
);

/** Messages that could not be decided or stored, kept whole so that an operator can look, replay or discard. */
export const deadLetters = pgTable(
  "dead_letters",
  {
    slot: integer().notNull(),
    seq: big("seq").notNull(),
    subject: text().notNull(),
    at: big("at").notNull(),
    reason: text().notNull(),
    detail: text().notNull(),
    payload: bytea("payload").notNull(),
    /** Where an operator's replay of it stands in the log; null while nobody has replayed it. */
    replayedSeq: big("replayed_seq"),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [uniqueIndex("dead_letters_position").on(t.slot, t.seq)],
);
