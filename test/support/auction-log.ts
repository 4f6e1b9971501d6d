import { assemble } from "../../core/auction/assemble.ts";
import { linkAfter, shownChain } from "../../core/auction/audit-link.ts";
import { type Auction, type AuctionState, stateOf } from "../../core/auction/auction.ts";
import type { Bidder } from "../../core/auction/bidder.ts";
import {
  decideEnvelope,
  type EnvelopeDecision,
  type FirstDecision,
  type KeyBook,
  type ReadCommand,
} from "../../core/auction/decide-envelope.ts";
import { identify } from "../../core/auction/identity.ts";
import type { OrderState } from "../../core/auction/order.ts";
import { decodeEntries } from "../../core/auction/record-codec.ts";
import type { Position } from "../../core/auction/record.ts";
import { renderResult } from "../../core/auction/render-result.ts";
import { renderResultText } from "../../core/auction/wire-text.ts";
import { commandSchema } from "../../shared/commands.ts";
import { auctionIdFor, bidIdFor, manageIdFor } from "../../shared/ids.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import { outcomesIn, type Result } from "../../shared/results.ts";
import { AUCTION_ID } from "./builders.ts";

export interface Appended {
  readonly decision: EnvelopeDecision;
  /** What clients make of the result: its outcomes in full, and only those that somebody waits for. */
  readonly result: Omit<Result, "outcomes"> & { readonly outcomes: readonly Outcome[] };
  /** The result as it travels. */
  readonly wire: Result;
  /** The same as the sequencer writes it. */
  readonly wireText: string;
  /** The text that the database keeps and the chain hashes. */
  readonly record: string;
  readonly chain: string;
  readonly position: Position;
}

/** One auction's log with the deciding half of a sequencer at its end, without servers. */
export interface AuctionLog {
  /** Decides the next envelope. Commands are read from JSON, as from the wire: what does not fit is unreadable. */
  append(commands: readonly unknown[], atMs: number): Appended;
  auction(): Auction | null;
  history(): readonly Appended[];
}

/**
 * With `forgetful`, nothing survives from one envelope to the next but what the database would hold: the state as JSON and
 * the records' texts, as after an eviction or a takeover.
 */
export function auctionLog(options: { forgetful?: boolean; auctionId?: string } = {}): AuctionLog {
  const auctionId = options.auctionId ?? AUCTION_ID;
  const history: Appended[] = [];
  let auction: Auction | null = null;
  let keys = keyBook();
  return {
    append(commands, atMs) {
      const last = history.at(-1);
      const position: { -readonly [K in keyof Position]: Position[K] } = {
        seq: (last?.position.seq ?? 0) + 1,
        atMs,
      };
      if (options.forgetful === true) {
        auction = auction === null ? null : readAgain(auction);
        keys = rebuiltKeyBook(auctionId, history);
      }
      const read = commands.map((command) => readCommand(auctionId, command));
      const decision = decideEnvelope({ auctionId, auction, commands: read, position, keys });
      auction = decision.auction;
      const { record, chain } = linkAfter(last?.chain ?? "", decision, position);
      position.chain = shownChain(auction, chain);
      const origin = { chain, origin: "gateway-of-the-tests", envelopeId: `envelope-${position.seq}` };
      const wire = renderResult(decision, { auctionId, position, ...origin });
      const wireText = renderResultText(decision, { auctionId, position, ...origin });
      const result = { ...wire, outcomes: outcomesIn(wire).filter((outcome) => outcome !== null) };
      const appended = { decision, result, wire, wireText, record, chain, position };
      history.push(appended);
      return appended;
    },
    auction: () => auction,
    history: () => history,
  };
}

/** What is left of an auction that went through JSON: its own row, its bidders' and its orders'. */
function readAgain(auction: Auction): Auction {
  const rows = {
    state: stateOf(auction),
    bidders: [...auction.bidders.values()],
    orders: [...auction.orders.values()],
  };
  const read = JSON.parse(JSON.stringify(rows)) as {
    state: AuctionState;
    bidders: Bidder[];
    orders: OrderState[];
  };
  return assemble(read.state, read);
}

function readCommand(auctionId: string, command: unknown): ReadCommand {
  const read = commandSchema.safeParse(JSON.parse(JSON.stringify(command ?? null)));
  if (!read.success) return { command: undefined, identity: undefined };
  return { command: read.data, identity: identify(auctionId, read.data) };
}

function keyBook(): KeyBook & { put(id: string, first: FirstDecision): void } {
  const taken = new Map<string, FirstDecision>();
  return {
    first: ({ id }) => taken.get(id),
    put: (id, first) => void taken.set(id, first),
    take({ id }, position, entries) {
      const index = entries.length - 1;
      const entry = entries[index];
      if (entry === undefined) throw new Error("a key was taken before its entry was there");
      if (taken.has(id)) throw new Error(`the key of ${id} was taken twice`);
      taken.set(id, { entry, position, index });
    },
  };
}

function rebuiltKeyBook(auctionId: string, history: readonly Appended[]): ReturnType<typeof keyBook> {
  const book = keyBook();
  for (const { record, position } of history) {
    decodeEntries(auctionId, record).forEach((entry, index) => {
      if (entry.outcome === "duplicate" || entry.reason === "idempotency_key_reused") return;
      const { kind, actorId, key } = entry;
      if (actorId === undefined || key === undefined) return;
      book.put(idOf(auctionId, { kind, actorId, key }), { entry, position, index });
    });
  }
  return book;
}

function idOf(auctionId: string, entry: { kind: string; actorId: string; key: string }): string {
  const { kind, actorId, key } = entry;
  if (kind === "create") return auctionIdFor(actorId, key);
  return kind === "manage" ? manageIdFor(auctionId, actorId, key) : bidIdFor(auctionId, actorId, key);
}
