import type { Auction } from "./auction.ts";
import { linkAfter } from "./audit-link.ts";
import { decideEnvelope, type EnvelopeDecision, type ReadCommand } from "./decide-envelope.ts";
import type { DecisionEntry, Position } from "./record.ts";
import { commandsOf, createReplayKeys, type ReplayKeys } from "./replay-commands.ts";

/** One auction's log, decided again by the real rules, envelope by envelope. */
export interface Replay {
  readonly auctionId: string;
  auction: Auction | null;
  chain: string;
  readonly keys: ReplayKeys;
}

export const beginReplay = (auctionId: string): Replay => ({
  auctionId,
  auction: null,
  chain: "",
  keys: createReplayKeys(),
});

export interface ReplayedEnvelope {
  readonly decision: EnvelopeDecision;
  readonly record: string;
  readonly chain: string;
}

/** Decides the next envelope from the commands that its stored entries tell of. */
export function replayEntries(
  replay: Replay,
  position: Position,
  entries: readonly DecisionEntry[],
): ReplayedEnvelope {
  const { commands, refused } = commandsOf(replay.auctionId, entries, replay.keys);
  return replayCommands(replay, position, { commands, refused });
}

/** Decides the next envelope from its own commands. */
export function replayCommands(
  replay: Replay,
  position: Position,
  { commands, refused }: { commands: readonly ReadCommand[]; refused?: ReadonlySet<number> | undefined },
): ReplayedEnvelope {
  const { auctionId, auction, keys } = replay;
  const decision = decideEnvelope({ auctionId, auction, commands, position, keys, refused });
  const { record, chain } = linkAfter(replay.chain, decision, position);
  replay.auction = decision.auction;
  replay.chain = chain;
  return { decision, record, chain };
}
