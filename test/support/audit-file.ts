import { stateOf } from "../../core/auction/auction.ts";
import {
  auditHead,
  auditHeader,
  auditLine,
  type HeadOrder,
  isRevealed,
} from "../../core/auction/audit-lines.ts";
import { MAX_HEAD_ORDERS } from "../../shared/audit.ts";
import { type AuditReport, createAuditChecker, type Wanted } from "../../infra/verify-audit/audit-checker.ts";
import type { Appended, AuctionLog } from "./auction-log.ts";

/** The auction's audit as of its `upTo`th envelope, line by line; without an auction none. */
export function auditOf(log: AuctionLog, upTo: number = log.history().length): string[] {
  const history = log.history().slice(0, upTo);
  const last = history.at(-1) as Appended;
  const { auction } = last.decision;
  if (auction === null) return [];
  const state = stateOf(auction);
  const rows = history.filter(({ decision }) => decision.toVersion > 0);
  const orders = [...auction.orders.values()]
    .sort((a, b) => a.number - b.number)
    .slice(0, MAX_HEAD_ORDERS)
    .map((o): HeadOrder => [o.number, o.bidderId, o.quantity, o.unitPriceMinor, o.source, o.status]);
  const { seq } = last.position;
  const rest = { seq, chain: last.chain, orders, lines: rows.length };
  return [
    auditHeader(state),
    ...rows.map(({ position, record, chain }) =>
      auditLine(state, { ...position, record, chain }, { reveal: isRevealed(state) }),
    ),
    auditHead(state, rest),
  ].map((line) => line.trimEnd());
}

/** What the stand-alone verifier says of a file. */
export function checkAudit(lines: readonly string[], wanted: Wanted = {}): AuditReport {
  const checker = createAuditChecker(wanted);
  for (const line of lines) checker.line(line);
  return checker.finish();
}
