import type { PublicEvent, Result, WireOutcome } from "../../../shared/results.ts";
import { WIRE_VERSION } from "../../../shared/wire-version.ts";
import { shownChain } from "../../auction/audit-link.ts";
import { type DecisionEntry, repeatedOutcomeOf, wireOutcomeOf } from "../../auction/record.ts";
import { renderAuction, renderLive } from "../../auction/render.ts";
import { publicEvents } from "../../auction/render-result.ts";
import type { Store } from "../../shards/store.ts";
import type { UnpublishedEnvelope } from "../../shards/unpublished.ts";
import type { Publisher } from "./publisher.ts";

/** Envelopes read back at once. */
const PAGE = 500;

/**
 * Publishes again what a former owner of the slot committed and may not have published. An auction's state in between is
 * not stored: its first result covers the whole range up to the newest version, its later ones carry only outcomes. Feeds
 * drop what they know by version, outcomes what they know by (seq, index).
 */
export async function republish(
  deps: { store: Pick<Store, "unpublished" | "loadDecisions">; publisher: Publisher },
  slot: { slot: number; publishedSeq: number },
): Promise<number> {
  let afterSeq = slot.publishedSeq;
  for (;;) {
    const rows = await deps.store.unpublished(slot.slot, { afterSeq, limit: PAGE });
    const firsts = await firstDecisions(deps.store, rows);
    for (const [row, group] of withRest(rows)) {
      const { auctionId, seq } = row;
      const text = JSON.stringify(resultOf(row, group, firsts));
      deps.publisher.publish(slot.slot, { auctionId, seq, text });
    }
    afterSeq = rows.at(-1)?.seq ?? afterSeq;
    if (rows.length < PAGE) break;
  }
  await deps.publisher.flush();
  return afterSeq;
}

/** Each envelope with all of its auction's, when it is the auction's first; with none otherwise. */
function withRest(
  rows: readonly UnpublishedEnvelope[],
): [UnpublishedEnvelope, readonly UnpublishedEnvelope[]][] {
  const groups = Map.groupBy(rows, (row) => row.auctionId);
  return rows.map((row) => {
    const group = groups.get(row.auctionId) ?? [];
    return [row, group[0] === row ? group : []];
  });
}

function resultOf(
  row: UnpublishedEnvelope,
  group: readonly UnpublishedEnvelope[],
  firsts: ReadonlyMap<string, WireOutcome>,
): Result {
  const { auctionId, seq, atMs: at, origin, envelopeId, auction } = row;
  const known = auction?.version ?? 0;
  // The newest state may be newer than the page's last envelope: only ranges that end there can be told with it.
  const complete = group.at(-1)?.toVersion === known;
  const from = complete ? row.fromVersion : known;
  const events: PublicEvent[] = [];
  if (complete) for (const one of group) events.push(...publicEvents(one.entries, one.fromVersion, auction));
  const outcomes = row.entries.map((entry) => outcomeOf(auctionId, entry, firsts));
  const live = auction === null ? null : renderLive(auction);
  const chain = row.toVersion === 0 ? undefined : shownChain(auction, row.chain);
  const result: Result = {
    v: WIRE_VERSION,
    auctionId,
    seq,
    at,
    ...(chain === undefined ? {} : { chain }),
    origin,
    envelopeId,
    from,
    to: known,
    live,
    events,
    outcomes,
  };
  if (from === 0 && auction !== null) result.auction = renderAuction(auction);
  return result;
}

function outcomeOf(
  auctionId: string,
  entry: DecisionEntry,
  firsts: ReadonlyMap<string, WireOutcome>,
): WireOutcome | null {
  if (entry.of === undefined) return wireOutcomeOf(entry);
  return firsts.get(`${auctionId}/${entry.of[0]}/${entry.of[1]}`) ?? null;
}

/** The first outcomes that duplicates among these envelopes repeat. */
async function firstDecisions(
  store: Pick<Store, "loadDecisions">,
  rows: readonly UnpublishedEnvelope[],
): Promise<ReadonlyMap<string, WireOutcome>> {
  const wanted = rows.flatMap(({ auctionId, entries }) =>
    entries.flatMap(({ of }) => (of === undefined ? [] : [{ auctionId, seq: of[0] }])),
  );
  const firsts = new Map<string, WireOutcome>();
  if (wanted.length === 0) return firsts;
  for (const { auctionId, seq, atMs, chain, entries } of await store.loadDecisions(wanted)) {
    entries.forEach((entry, index) => {
      const outcome = repeatedOutcomeOf(entry, { seq, atMs, chain }, index);
      if (outcome !== null) firsts.set(`${auctionId}/${seq}/${index}`, outcome);
    });
  }
  return firsts;
}
