-- Neither table was ever written before this version.
DROP TABLE "orders";--> statement-breakpoint
DROP TABLE "outbox";--> statement-breakpoint
CREATE TABLE "bidders" (
	"auction_id" text COLLATE "C" NOT NULL,
	"bidder_id" text COLLATE "C" NOT NULL,
	"slot" integer NOT NULL,
	"blocked" boolean NOT NULL,
	"max_amount" bigint,
	"floor_amount" bigint NOT NULL,
	"reached_version" bigint NOT NULL,
	"reached_at" bigint NOT NULL,
	"units" integer NOT NULL,
	"waiting" text NOT NULL,
	"bid_at" bigint NOT NULL,
	CONSTRAINT "bidders_auction_id_bidder_id_pk" PRIMARY KEY("auction_id","bidder_id")
) WITH (fillfactor = 70);
--> statement-breakpoint
CREATE TABLE "orders" (
	"auction_id" text COLLATE "C" NOT NULL,
	"number" integer NOT NULL,
	"slot" integer NOT NULL,
	"bidder_id" text COLLATE "C" NOT NULL,
	"quantity" integer NOT NULL,
	"unit_price" bigint NOT NULL,
	"source" text NOT NULL,
	"status" text NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	"expires_at" bigint,
	CONSTRAINT "orders_auction_id_number_pk" PRIMARY KEY("auction_id","number")
) WITH (fillfactor = 70);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"event_id" text PRIMARY KEY NOT NULL,
	"slot" integer NOT NULL,
	"seq" bigint NOT NULL,
	"place" integer NOT NULL,
	"auction_id" text NOT NULL,
	"payload" json NOT NULL
);
--> statement-breakpoint
CREATE INDEX "bidders_bidder" ON "bidders" USING btree ("bidder_id");--> statement-breakpoint
CREATE INDEX "orders_bidder" ON "orders" USING btree ("bidder_id","created_at");--> statement-breakpoint
CREATE INDEX "outbox_pending" ON "outbox" USING btree ("slot","seq","place");--> statement-breakpoint
-- Auctions of the version before were all english and without maxima: what each bidder stands at is the best accepted
-- amount, and since when the version of the decision that accepted it.
INSERT INTO "bidders" (auction_id, bidder_id, slot, blocked, max_amount, floor_amount, reached_version, reached_at, units,
	waiting, bid_at)
SELECT DISTINCT ON (b.auction_id, b.bidder_id) b.auction_id, b.bidder_id, a.slot, false, b.amount, b.amount, b.version, b.at, 0,
	'', b.at
FROM "bids" b JOIN "auctions" a ON a.auction_id = b.auction_id
WHERE b.outcome = 'accepted'
ORDER BY b.auction_id, b.bidder_id, b.amount DESC, b.version;
--> statement-breakpoint
UPDATE "auctions" a SET state = ((a.state::jsonb - 'book') || jsonb_build_object(
	'secretSalt', a.state ->> 'aliasSalt', 'bidCount', a.bid_count, 'extensions', 0, 'ordersPlaced', 0, 'firstPending', 1,
	'winner', CASE WHEN a.status = 'closed' AND a.leader_id IS NOT NULL
		THEN jsonb_build_object('bidderId', a.leader_id, 'priceMinor', a.price) END,
	'book', jsonb_build_object('priceMinor', a.price, 'leader', r.ranked -> 0, 'others', coalesce(r.ranked - 0, '[]'))))::json
FROM "auctions" o LEFT JOIN LATERAL (
	SELECT jsonb_agg(jsonb_build_object('bidderId', bidder_id, 'amountMinor', max_amount, 'maxMinor', max_amount,
		'floorMinor', floor_amount, 'order', reached_version, 'atMs', reached_at) ORDER BY max_amount DESC, reached_version) AS ranked
	FROM (
		SELECT * FROM "bidders" WHERE auction_id = o.auction_id ORDER BY max_amount DESC, reached_version LIMIT 20) s) r ON true
WHERE o.auction_id = a.auction_id;
