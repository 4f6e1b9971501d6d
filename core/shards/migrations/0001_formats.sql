-- Neither table was ever written before this version.
DROP TABLE "orders";--> statement-breakpoint
DROP TABLE "outbox";--> statement-breakpoint
CREATE TABLE "bidders" (
	"auction_id" text COLLATE "C" NOT NULL,
	"bidder_id" text COLLATE "C" NOT NULL,
	"slot" integer NOT NULL,
	"state" json NOT NULL,
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
INSERT INTO "bidders" (auction_id, bidder_id, slot, state)
SELECT DISTINCT ON (b.auction_id, b.bidder_id) b.auction_id, b.bidder_id, a.slot, json_build_object(
	'id', b.bidder_id, 'blocked', false, 'standing', json_build_object(
		'maxMinor', b.amount, 'floorMinor', b.amount, 'order', b.version, 'atMs', b.at),
	'units', 0, 'waiting', '[]'::json, 'bidAtMs', b.at)
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
	SELECT jsonb_agg(s.standing ORDER BY s.amount DESC, s.since) AS ranked
	FROM (
		SELECT (state -> 'standing' ->> 'maxMinor')::bigint AS amount, (state -> 'standing' ->> 'order')::bigint AS since,
			jsonb_build_object('bidderId', bidder_id, 'amountMinor', state -> 'standing' -> 'maxMinor',
				'atMs', state -> 'standing' -> 'atMs') || (state -> 'standing')::jsonb AS standing
		FROM "bidders" WHERE auction_id = o.auction_id
		ORDER BY 1 DESC, 2 LIMIT 20) s) r ON true
WHERE o.auction_id = a.auction_id;
