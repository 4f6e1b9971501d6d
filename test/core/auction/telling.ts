import { MAX_COMMANDS_PER_ENVELOPE } from "../../../shared/commands.ts";
import { type AuctionLog, auctionLog } from "../../support/auction-log.ts";
import { AUCTION_ID } from "../../support/builders.ts";
import { type LoggedMessage, type ReplayedAuction, replayStream } from "../../support/replay.ts";
import type { Moment, Story } from "./arbitraries.ts";

/** The story as the core decides it; the stream's clock made monotonic as the sequencer does. */
export function decided(told: Story, kind: { forgetful?: boolean } = {}): AuctionLog {
  const log = auctionLog(kind);
  for (const { atMs, commands } of clocked(told)) log.append(commands, atMs);
  return log;
}

/** The moments of a story by the log's clock. */
export function clocked(told: Story): { atMs: number; commands: readonly unknown[] }[] {
  let atMs = 0;
  return told.moments.map(({ timestampMs, commands }) => {
    atMs = Math.max(atMs, Math.floor(timestampMs));
    return { atMs, commands };
  });
}

/** The story as the naive model replays it from the messages' bytes. */
export function replayed(told: Story): ReplayedAuction {
  const messages: LoggedMessage[] = told.moments.map(({ timestampMs, commands }, i) => ({
    seq: i + 1,
    timestampMs,
    auctionId: AUCTION_ID,
    data: new TextEncoder().encode(JSON.stringify({ v: 1, id: `envelope-${i}`, origin: "", commands })),
  }));
  const auction = replayStream(messages).get(AUCTION_ID);
  if (auction === undefined) throw new Error("a story without messages");
  return auction;
}

/** The same commands at the same moments, in envelopes of other sizes. */
export function regrouped(told: Story, nextSize: () => number): Story {
  const moments: Moment[] = [];
  for (const { timestampMs, commands } of told.moments) {
    for (let i = 0; i < commands.length;) {
      const size = Math.min(nextSize(), MAX_COMMANDS_PER_ENVELOPE);
      moments.push({ timestampMs, commands: commands.slice(i, i + size) });
      i += size;
    }
  }
  return { moments };
}
