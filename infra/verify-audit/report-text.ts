import type { AuditReport } from "./audit-checker.ts";

/** The report for people. */
export function reportText(report: AuditReport): string {
  const { auctionId, envelopes, commands, difference, checked, unchecked, found } = report;
  const lines = [`auction ${auctionId ?? "unknown"}: ${envelopes} envelopes, ${commands} commands`];
  for (const words of found) lines.push(`found        ${words}`);
  for (const words of checked) lines.push(`checked      ${words}`);
  for (const words of unchecked) lines.push(`not checked  ${words}`);
  lines.push(
    difference === undefined ? "everything that could be checked is right" : `WRONG        ${difference}`,
  );
  return lines.join("\n");
}
