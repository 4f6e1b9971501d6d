CREATE TABLE "auctions" (
	"auction_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"slot" integer NOT NULL,
	"month" integer NOT NULL,
	"format" text NOT NULL,
	"status" text NOT NULL,
	"version" bigint NOT NULL,
	"seller_id" text NOT NULL,
	"currency" text NOT NULL,
	"price" bigint,
	"bid_count" bigint NOT NULL,
	"leader_id" text,
	"created_at" bigint NOT NULL,
	"ends_at" bigint NOT NULL,
	"next_deadline" bigint,
	"seq" bigint NOT NULL,
	"at" bigint NOT NULL,
	"chain" text NOT NULL,
	"state" json NOT NULL
) WITH (fillfactor = 70);
--> statement-breakpoint
CREATE TABLE "dead_letters" (
	"slot" integer NOT NULL,
	"seq" bigint NOT NULL,
	"subject" text NOT NULL,
	"at" bigint NOT NULL,
	"reason" text NOT NULL,
	"detail" text NOT NULL,
	"payload" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "decision_log" (
	"auction_id" text COLLATE "C" NOT NULL,
	"seq" bigint NOT NULL,
	"month" integer NOT NULL,
	"slot" integer NOT NULL,
	"at" bigint NOT NULL,
	"from_version" bigint NOT NULL,
	"to_version" bigint NOT NULL,
	"envelope_id" text NOT NULL,
	"origin" text NOT NULL,
	"fingerprints" "bytea" NOT NULL,
	"record" text NOT NULL,
	"chain" text NOT NULL,
	CONSTRAINT "decision_log_auction_id_seq_month_pk" PRIMARY KEY("auction_id","seq","month")
) PARTITION BY LIST ("month");
--> statement-breakpoint
CREATE TABLE "instances" (
	"instance_id" text PRIMARY KEY NOT NULL,
	"lease_until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"order_id" text PRIMARY KEY NOT NULL,
	"auction_id" text NOT NULL,
	"slot" integer NOT NULL,
	"bidder_id" text NOT NULL,
	"amount" bigint NOT NULL,
	"status" text NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"event_id" text PRIMARY KEY NOT NULL,
	"slot" integer NOT NULL,
	"seq" bigint NOT NULL,
	"auction_id" text NOT NULL,
	"kind" text NOT NULL,
	"payload" json NOT NULL,
	"dispatched_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"name" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "slots" (
	"slot" integer PRIMARY KEY NOT NULL,
	"role" text NOT NULL,
	"epoch" bigint DEFAULT 0 NOT NULL,
	"owner" text,
	"lease_until" timestamp with time zone,
	"applied_seq" bigint DEFAULT 0 NOT NULL,
	"applied_at" bigint DEFAULT 0 NOT NULL,
	"applied_id" text DEFAULT '' NOT NULL,
	"stream_id" text DEFAULT '' NOT NULL,
	"published_seq" bigint DEFAULT 0 NOT NULL,
	"halted_reason" text
) WITH (fillfactor = 20);
--> statement-breakpoint
CREATE INDEX "auctions_deadline" ON "auctions" USING btree ("slot","next_deadline") WHERE next_deadline is not null;--> statement-breakpoint
CREATE INDEX "auctions_ending" ON "auctions" USING btree ("status","ends_at","auction_id");--> statement-breakpoint
CREATE INDEX "auctions_newest" ON "auctions" USING btree ("created_at","auction_id");--> statement-breakpoint
CREATE UNIQUE INDEX "dead_letters_position" ON "dead_letters" USING btree ("slot","seq");--> statement-breakpoint
CREATE INDEX "decision_log_slot" ON "decision_log" USING btree ("slot","seq");--> statement-breakpoint
CREATE INDEX "outbox_pending" ON "outbox" USING btree ("slot","seq") WHERE dispatched_at is null;
--> statement-breakpoint
-- Records are written once and read by position: keep them out of line and unpacked rather than spend the committer's
-- time on compressing them.
ALTER TABLE "decision_log" ALTER COLUMN "record" SET STORAGE EXTERNAL;
--> statement-breakpoint
-- One row a decided command; the positions are those of core/auction/record-codec.ts. A duplicate or a reused key is
-- decided too, but `bids` leaves it out: the first outcome stands.
CREATE VIEW "decisions" AS
SELECT l.auction_id, l.seq, (e.ordinality - 1)::int AS index, l.slot, l.month, l.at,
	e.value ->> 0 AS kind,
	e.value ->> 4 AS bidder_id,
	e.value ->> 5 AS key,
	encode(sha256(convert_to(e.value ->> 5, 'UTF8')), 'hex') AS key_hash,
	CASE WHEN e.value ->> 0 = 'bid' THEN left(translate(encode(sha256(convert_to(
		'bid/' || l.auction_id || '/' || (e.value ->> 4) || '/' || (e.value ->> 5), 'UTF8')), 'base64'), '+/', '-_'), 22) END AS bid_id,
	encode(sha256(convert_to((e.value -> 6)::text, 'UTF8')), 'hex') AS body_digest,
	(e.value -> 6 ->> 'amount')::bigint AS amount,
	e.value ->> 1 AS outcome,
	e.value ->> 7 AS reason,
	(e.value ->> 2)::bigint AS version,
	(e.value ->> 3)::bigint AS price,
	e.value -> 9 AS events,
	l.envelope_id, l.origin, l.chain
FROM "decision_log" l CROSS JOIN LATERAL json_array_elements(l.record::json) WITH ORDINALITY AS e(value, ordinality);
--> statement-breakpoint
CREATE VIEW "bids" AS
SELECT auction_id, bid_id, bidder_id, key, seq, index, amount, outcome, reason, version, price, at
FROM "decisions"
WHERE kind = 'bid' AND outcome IN ('accepted', 'rejected') AND reason IS DISTINCT FROM 'idempotency_key_reused';
