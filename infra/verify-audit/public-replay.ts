import type { Auction } from "../../core/auction/auction.ts";
import { decideEnvelope, type KeyBook } from "../../core/auction/decide-envelope.ts";
import { decodeEntries, encodeEntries } from "../../core/auction/record-codec.ts";
import type { DecisionEntry, Position } from "../../core/auction/record.ts";
import { commandsOf, createReplayKeys } from "../../core/auction/replay-commands.ts";

/**
 * An auction's public log, decided again by the rules: they take aliases for bidders and public ids for keys as they take any
 * others, so the same entries must come out.
 */
export interface PublicReplay {
  /** The first entry that comes out otherwise, or undefined when all are the same. `record` has no commitment left. */
  decide(position: Position, record: unknown): EntryDifference | undefined;
  readonly auction: Auction | null;
  /** Commands whose keys were used before the auction was there: that part of the log is not in its audit. */
  readonly earlierKeys: number;
}

export interface EntryDifference {
  readonly index: number;
  readonly stated: readonly unknown[];
  readonly decided: readonly unknown[];
}

export function createPublicReplay(auctionId: string): PublicReplay {
  const keys = createReplayKeys();
  let auction: Auction | null = null;
  let earlierKeys = 0;
  let firstSeq: number | undefined;

  /** The keys as the sequencer knew them when it took the entries' commands. */
  const keysFor = (entries: readonly DecisionEntry[], seq: number): KeyBook => {
    let place = 0;
    const places = entries.flatMap(({ kind }, index) =>
      kind === "tick" || kind === "unreadable" ? [] : [index],
    );
    return {
      first(identity) {
        const entry = entries[places[place++] ?? -1];
        const known = keys.first(identity);
        if (known !== undefined || entry === undefined) return known;
        const [ofSeq, index] = entry.of ?? [0, 0];
        const isEarlier = entry.outcome === "duplicate" && ofSeq < (firstSeq ?? seq);
        if (!isEarlier && entry.reason !== "idempotency_key_reused") return undefined;
        earlierKeys++;
        const body = entry.outcome === "duplicate" ? {} : { earlier: "body" };
        const first: DecisionEntry = { kind: entry.kind, outcome: "rejected", version: 0, price: null };
        if (entry.outcome !== "duplicate") first.body = body;
        return { entry: first, position: { seq: ofSeq, atMs: 0 }, index };
      },
      take: (...taken) => keys.take(...taken),
    };
  };

  return {
    decide(position, record) {
      const stated = JSON.stringify(record);
      const entries = decodeEntries(auctionId, stated);
      const { commands, refused } = commandsOf(auctionId, entries, keys);
      const book = keysFor(entries, position.seq);
      const decision = decideEnvelope({ auctionId, auction, commands, position, keys: book, refused });
      auction = decision.auction;
      firstSeq ??= position.seq;
      const decided = encodeEntries(decision.entries.map(asShown));
      return decided === stated
        ? undefined
        : firstDifference(record as unknown[][], JSON.parse(decided) as unknown[][]);
    },
    get auction() {
      return auction;
    },
    get earlierKeys() {
      return earlierKeys;
    },
  };
}

/** As an audit shows it: a duplicate without its body, and no salts. */
function asShown(entry: DecisionEntry): DecisionEntry {
  const shown = { ...entry };
  if (entry.outcome === "duplicate") delete shown.body;
  if (entry.kind !== "create" || entry.events === undefined) return shown;
  shown.events = entry.events.map((event) => {
    if (event.type !== "auction_created") return event;
    const { aliasSalt: _alias, secretSalt: _secret, ...rest } = event;
    return rest as typeof event;
  });
  return shown;
}

function firstDifference(stated: readonly unknown[][], decided: readonly unknown[][]): EntryDifference {
  const same = (index: number): boolean => JSON.stringify(stated[index]) === JSON.stringify(decided[index]);
  let index = 0;
  while (index < stated.length - 1 && same(index)) index++;
  return { index, stated: stated[index] ?? [], decided: decided[index] ?? [] };
}
