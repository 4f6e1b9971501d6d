/**
 * Where the projector keeps the read model in Redis. All of it can be rebuilt from Postgres.
 */

/** Hash: `version`, `view` (AuctionView as JSON). */
export const auctionKey = (auctionId: string): string => `lc:auction:${auctionId}`;

/** Sorted set: bidder alias by best accepted amount. */
export const leaderboardKey = (auctionId: string): string => `lc:leaders:${auctionId}`;

/** Sorted set over all running auctions: id by `endsAt`. */
export const ENDING_SOON_KEY = "lc:ending";
