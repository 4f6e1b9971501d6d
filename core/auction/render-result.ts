import type { PublicEvent, Result, WireOutcome } from "../../shared/results.ts";
import { WIRE_VERSION } from "../../shared/wire-version.ts";
import { shownChain } from "./audit-link.ts";
import type { AuctionState } from "./auction.ts";
import type { EnvelopeDecision } from "./decide-envelope.ts";
import { type DecisionEntry, type Position, repeatedOutcomeOf, wireOutcomeOf } from "./record.ts";
import { renderAuction, renderEvent, renderLive } from "./render.ts";

/** Where an envelope came from, and where it stands in the log. */
export interface ResultPlace {
  readonly auctionId: string;
  readonly position: Position;
  /** The head of the audit chain after it; told where it may be. */
  readonly chain: string;
  readonly origin: string;
  readonly envelopeId: string;
}

/** What the world is told of a committed envelope. */
export function renderResult(decision: EnvelopeDecision, at: ResultPlace): Result {
  const { auction, fromVersion: from, toVersion: to } = decision;
  const { position, auctionId, origin, envelopeId } = at;
  const chain = shownChain(auction, at.chain);
  const result: Result = {
    v: WIRE_VERSION,
    auctionId,
    seq: position.seq,
    at: position.atMs,
    ...(chain === undefined ? {} : { chain }),
    origin,
    envelopeId,
    from,
    to,
    live: auction === null ? null : renderLive(auction),
    events: publicEvents(decision.entries, from, auction),
    outcomes: outcomesOf(decision, { ...position, chain }),
  };
  if (from === 0 && auction !== null) result.auction = renderAuction(auction);
  return result;
}

/** The public form of the entries' events, the first of them being version `from + 1`. */
export function publicEvents(
  entries: readonly DecisionEntry[],
  from: number,
  auction: AuctionState | null,
): PublicEvent[] {
  const events: PublicEvent[] = [];
  if (auction === null) return events;
  let version = from;
  for (const entry of entries) {
    if (entry.events === undefined) continue;
    for (const event of entry.events) events.push(renderEvent(event, ++version, auction.aliasSalt));
  }
  return events;
}

function outcomesOf({ entries, repeats }: EnvelopeDecision, position: Position): (WireOutcome | null)[] {
  if (repeats.size === 0) return entries.map(wireOutcomeOf);
  return entries.map((entry, index) => {
    const first = repeats.get(index);
    if (first === undefined) return wireOutcomeOf(entry);
    // Of a command of the same envelope the chain was not known when it was repeated.
    const at = first.position.seq === position.seq ? position : first.position;
    return repeatedOutcomeOf(first.entry, at, first.index);
  });
}
