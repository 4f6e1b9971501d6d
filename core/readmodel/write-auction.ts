import type { ChainableCommander } from "ioredis";
import { LEADERBOARD_SIZE } from "../../shared/auctions.ts";
import { auctionKey, ENDING_SOON_KEY, leaderboardKey } from "../../shared/read-model.ts";
import { createHash } from "node:crypto";
import type { AuctionState } from "../auction/auction.ts";
import { renderAuction, renderLeaderboard } from "../auction/render.ts";

/** A closed auction stays hot for those who have just lost it; afterwards the core answers from Postgres. */
export const CLOSED_TTL_SECONDS = 3_600;

/**
 * KEYS: the auction's hash, its leaderboard, the ending-soon index.
 * ARGV: version, view, auction id, endsAt of a running auction or "", TTL in seconds or 0, then score and member by turns.
 * A former owner that was slow must not overwrite what its successor has written, hence the version guard. The same
 * version is written again: that is how a rebuild repairs a half that was evicted.
 */
const SCRIPT = `
local held = tonumber(redis.call('hget', KEYS[1], 'version'))
if held and held > tonumber(ARGV[1]) then return 0 end
redis.call('hset', KEYS[1], 'version', ARGV[1], 'view', ARGV[2])
redis.call('del', KEYS[2])
if #ARGV > 5 then redis.call('zadd', KEYS[2], unpack(ARGV, 6)) end
if ARGV[4] == '' then redis.call('zrem', KEYS[3], ARGV[3]) else redis.call('zadd', KEYS[3], ARGV[4], ARGV[3]) end
local ttl = tonumber(ARGV[5])
if ttl > 0 then
  redis.call('expire', KEYS[1], ttl)
  redis.call('expire', KEYS[2], ttl)
end
return 1`;

const SCRIPT_SHA = createHash("sha1").update(SCRIPT).digest("hex");

/**
 * Begins a pipeline that `writeAuction` is used on. Sending the script's text along each time costs a few hundred bytes, and
 * spares every writer from noticing that Redis was restarted or flushed in between.
 */
export function loadScript(pipeline: ChainableCommander): void {
  pipeline.script("LOAD", SCRIPT);
}

/** One auction's newest state: its view, its leaderboard and its place in the ending-soon index, all or none. */
export function writeAuction(pipeline: ChainableCommander, auction: AuctionState): void {
  const scored = renderLeaderboard(auction)
    .slice(0, LEADERBOARD_SIZE)
    .flatMap(({ bidder, amount }) => [amount, bidder]);
  pipeline.evalsha(
    SCRIPT_SHA,
    3,
    auctionKey(auction.id),
    leaderboardKey(auction.id),
    ENDING_SOON_KEY,
    auction.version,
    JSON.stringify(renderAuction(auction)),
    auction.id,
    auction.status === "open" ? auction.endsAtMs : "",
    auction.status === "closed" || auction.status === "cancelled" ? CLOSED_TTL_SECONDS : 0,
    ...scored,
  );
}

/** Takes an auction out of the read model, so that its next reader asks the core. */
export function eraseAuction(pipeline: ChainableCommander, auctionId: string): void {
  pipeline.unlink(auctionKey(auctionId), leaderboardKey(auctionId));
  pipeline.zrem(ENDING_SOON_KEY, auctionId);
}
