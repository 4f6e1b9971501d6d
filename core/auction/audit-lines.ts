import { AUDIT_VERSION, type AuditHead, type AuditHeader } from "../../shared/audit.ts";
import { aliasFor } from "./aliases.ts";
import type { AuctionState } from "./auction.ts";
import { isShown } from "./audit-link.ts";
import type { Reveal } from "./commitment.ts";
import { publicEntry } from "./public-form.ts";
import { encodeEntries, decodeEntries } from "./record-codec.ts";
import { publicPrice } from "./render.ts";

/** An order of the head, with its buyer's true id. */
export type HeadOrder = AuditHead["orders"][number];

const HOW =
  "Run `npm run verify-audit -- <this file>` from a clone of Lastcall, or by hand: the chain of a line is hex SHA-256 of the " +
  "previous line's chain (of the first: of nothing), its seq, its at and its record as it stands here, joined by line feeds. " +
  'A hidden value {"c": …} is base64url SHA-256 of "<salt>/<value>", both among the reveals once there are any. The last ' +
  "line has a head; a file without it was cut off.";

const HOW_OPERATORS_ONLY =
  "This auction opened by rules whose chain hashes what is stored, secrets included. It is not shown, because it would let " +
  "them be guessed: only operators can check it, with `npm run ops -- verify`. The lines are what can be shown of the log.";

/** Secrets are told from the close on; of a cancelled auction never, and of one that runs not yet. */
export const isRevealed = ({ status }: Pick<AuctionState, "status">): boolean => status === "closed";

/** The audit's first line. */
export function auditHeader(auction: AuctionState): string {
  const { id: auctionId, rules } = auction;
  const { reservePrice: _secret, ...terms } = auction.terms as AuctionState["terms"] & {
    reservePrice?: number;
  };
  const header: AuditHeader = {
    audit: "lastcall",
    v: AUDIT_VERSION,
    auctionId,
    format: terms.format,
    rules,
    terms,
    verifiable: isShown(auction),
    revealed: isRevealed(auction),
    how: isShown(auction) ? HOW : HOW_OPERATORS_ONLY,
  };
  return JSON.stringify(header) + "\n";
}

/** The line of one stored envelope. The record stands in it byte for byte as the chain hashes it. */
export function auditLine(
  auction: AuctionState,
  row: { readonly seq: number; readonly atMs: number; readonly record: string; readonly chain: string },
  { reveal }: { readonly reveal: boolean },
): string {
  const { seq, atMs } = row;
  const reveals: Reveal[] = [];
  const form = { auction, seq, reveals };
  const entries = decodeEntries(auction.id, row.record).map((entry, index) =>
    publicEntry(form, entry, index),
  );
  const chain = isShown(auction) ? `,"chain":"${row.chain}"` : "";
  const opened = reveal && reveals.length > 0 ? `,"reveals":${JSON.stringify(reveals)}` : "";
  return `{"seq":${seq},"at":${atMs},"record":${encodeEntries(entries)}${chain}${opened}}\n`;
}

/** The audit's last line, of the same moment as the envelopes before it. */
export function auditHead(
  auction: AuctionState,
  rest: {
    readonly seq: number;
    readonly chain: string;
    readonly orders: readonly HeadOrder[];
    readonly lines: number;
  },
): string {
  const alias = (id: string): string => aliasFor(auction.aliasSalt, id);
  const { version, status, winner, ordersPlaced: orderCount } = auction;
  const head: AuditHead = {
    head: isShown(auction) ? rest.chain : null,
    seq: rest.seq,
    version,
    status,
    price: publicPrice(auction),
    winner: winner === null ? null : alias(winner.bidderId),
    orders: rest.orders.map(([number, buyer, ...order]) => [number, alias(buyer), ...order]),
    orderCount,
    lines: rest.lines,
  };
  return JSON.stringify(head) + "\n";
}
