import { WIRE_VERSION } from "../../shared/wire-version.ts";
import { shownChain } from "./audit-link.ts";
import type { EnvelopeDecision } from "./decide-envelope.ts";
import { type DecisionEntry, leadingOf } from "./record.ts";
import { publicEvents, type ResultPlace, renderResult } from "./render-result.ts";
import { renderLive } from "./render.ts";

/**
 * The JSON of `renderResult`, in a third of the time: no object is made for an outcome, and nothing is escaped, because ids,
 * keys and reasons have nothing to escape. A test holds the two together. What is rare goes the long way.
 */
export function renderResultText(decision: EnvelopeDecision, place: ResultPlace): string {
  const { auction, fromVersion, toVersion, entries, repeats } = decision;
  if (fromVersion === 0 || auction === null || repeats.size > 0)
    return JSON.stringify(renderResult(decision, place));
  const { auctionId, position, origin, envelopeId } = place;
  const chain = shownChain(auction, place.chain);
  let outcomes = "";
  for (let i = 0; i < entries.length; i++)
    outcomes += (i === 0 ? "" : ",") + outcomeText(entries[i] as DecisionEntry);
  const events =
    toVersion === fromVersion ? "[]" : JSON.stringify(publicEvents(entries, fromVersion, auction));
  return (
    `{"v":${WIRE_VERSION},"auctionId":"${auctionId}","seq":${position.seq},"at":${position.atMs},` +
    (chain === undefined ? "" : `"chain":"${chain}",`) +
    `"origin":${JSON.stringify(origin)},"envelopeId":"${envelopeId}","from":${fromVersion},"to":${toVersion},` +
    `"live":${JSON.stringify(renderLive(auction))},"events":${events},"outcomes":[${outcomes}]}`
  );
}

/** As `wireOutcomeOf`. */
function outcomeText(entry: DecisionEntry): string {
  const { kind, actorId, key, outcome, version, price, bidId, reason, minimumBid, detail } = entry;
  if (kind === "tick" || kind === "unreadable" || actorId === undefined) return "null";
  const leading = leadingOf(entry);
  return (
    `{"actorId":"${actorId}","key":"${key}","outcome":"${outcome}","version":${version},"price":${price}` +
    (kind === "bid" ? "" : `,"kind":"${kind}"`) +
    (bidId === undefined ? "" : `,"bidId":"${bidId}"`) +
    (reason === undefined ? "" : `,"reason":"${reason}"`) +
    (minimumBid === undefined ? "" : `,"minimumBid":${minimumBid}`) +
    (leading === undefined ? "" : `,"leading":${leading}`) +
    (detail === undefined ? "" : `,"detail":${JSON.stringify(detail)}`) +
    "}"
  );
}
