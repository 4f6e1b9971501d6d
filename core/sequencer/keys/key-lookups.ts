import type { FirstDecision } from "../../auction/decide-envelope.ts";
import type { CommandIdentity } from "../../auction/identity.ts";
import type { DecisionEntry, Position } from "../../auction/record.ts";
import type { WantedDecisions } from "../../shards/load-decisions.ts";
import type { Store } from "../../shards/store.ts";
import type { KeyIndex } from "./key-index.ts";
import type { LogMessage } from "../slot-book.ts";
import { takenId } from "./taken-id.ts";

/** The decisions of a slot that a retry may ask for: the newest from memory, older ones from Postgres. */
export interface KeyLookups {
  /** Looks up what these messages repeat; undefined when memory has it all. Good until the next call. */
  prepare(messages: readonly LogMessage[]): Promise<void> | undefined;
  /** The decision that took a command's key; the command's message must be prepared. */
  first(auctionId: string, keys: KeyIndex, identity: CommandIdentity): FirstDecision | undefined;
  /** The envelope at `position` has taken a key; `entries` is its own list, still growing. */
  taken(position: Position, entries: readonly DecisionEntry[]): void;
  /** The envelope is decided; `chain` is the head of its auction's audit chain after it, where that may be told. */
  decided(seq: number, commands: number, chain: string | undefined): void;
  /** Everything up to `seq` is in Postgres, and may be looked up there. */
  committed(seq: number): void;
}

/** Decided commands kept in memory for quick retries, beyond those that are not committed yet. */
const RECENT_COMMANDS = 1_024;

/** Places in one query: one that finds an envelope of 256 commands at each of them reads 10 MB, and keeps little of it. */
const MAX_PLACES = 256;

interface Recent {
  readonly atMs: number;
  chain?: string | undefined;
  readonly entries: readonly DecisionEntry[];
}

const nameOf = (auctionId: string, id: string): string => `${auctionId}/${id}`;

export function createKeyLookups(
  store: Pick<Store, "loadDecisions">,
  keysOf: (auctionId: string) => KeyIndex | undefined,
): KeyLookups {
  const recent = new Map<number, Recent>();
  let recentCommands = 0;
  /** What the prepared messages repeat, by auction and identity; null: the key only looked like one that was taken. */
  let found = new Map<string, FirstDecision | null>();

  /** Undefined when no envelope that is in memory has it. */
  const recall = (auctionId: string, seqs: readonly number[], id: string): FirstDecision | undefined => {
    for (const seq of seqs) {
      const known = recent.get(seq);
      const index = known?.entries.findIndex((entry) => takenId(auctionId, entry) === id) ?? -1;
      const entry = known?.entries[index];
      if (known !== undefined && entry !== undefined)
        return { entry, position: { seq, atMs: known.atMs, chain: known.chain }, index };
    }
    return undefined;
  };

  /** Adds what has to be looked up for a command. What memory has is noted: it may be forgotten while the rest is fetched. */
  const want = (
    wanted: WantedDecisions[],
    auction: { readonly auctionId: string; readonly keys: KeyIndex },
    { id, fingerprint }: CommandIdentity,
  ): void => {
    const { auctionId, keys } = auction;
    const places = keys.find(fingerprint);
    if (places.length === 0) return;
    const name = nameOf(auctionId, id);
    if (found.has(name)) return;
    const first = recall(auctionId, keys.findNewest(fingerprint), id);
    found.set(name, first ?? null);
    if (first !== undefined) return;
    for (const { from: seq, to: toSeq } of places) {
      if (seq !== toSeq || !recent.has(seq)) wanted.push({ auctionId, seq, toSeq, fingerprint });
    }
  };

  const lookUp = async (wanted: readonly WantedDecisions[]): Promise<void> => {
    for (let at = 0; at < wanted.length; at += MAX_PLACES) {
      for (const row of await store.loadDecisions(wanted.slice(at, at + MAX_PLACES))) {
        const { auctionId, seq, atMs, chain, entries } = row;
        for (const [index, entry] of entries.entries()) {
          const name = nameOf(auctionId, takenId(auctionId, entry) ?? "");
          if (found.get(name) === null) found.set(name, { entry, position: { seq, atMs, chain }, index });
        }
      }
    }
  };

  return {
    prepare(messages) {
      found = new Map();
      const wanted: WantedDecisions[] = [];
      for (const { auctionId, envelope } of messages) {
        const keys = auctionId === undefined ? undefined : keysOf(auctionId);
        if (auctionId === undefined || keys === undefined) continue;
        const auction = { auctionId, keys };
        for (const { identity } of envelope.commands) {
          if (identity !== undefined) want(wanted, auction, identity);
        }
      }
      return wanted.length === 0 ? undefined : lookUp(wanted);
    },

    first(auctionId, keys, { id, fingerprint }) {
      const first = recall(auctionId, keys.findNewest(fingerprint), id);
      if (first !== undefined || found.size === 0) return first;
      return found.get(nameOf(auctionId, id)) ?? undefined;
    },

    taken({ seq, atMs }, entries) {
      if (!recent.has(seq)) recent.set(seq, { atMs, entries });
    },

    decided(seq, commands, chain) {
      const known = recent.get(seq);
      if (known === undefined) return;
      known.chain = chain;
      recentCommands += commands;
    },

    committed(seq) {
      for (const [oldest, { entries }] of recent) {
        if (recentCommands <= RECENT_COMMANDS || oldest > seq) break;
        recent.delete(oldest);
        recentCommands -= entries.length;
      }
    },
  };
}
