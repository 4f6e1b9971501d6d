import { oneLineOf } from "../dead-letters/terminal.ts";
import { newPosition } from "./adopt.ts";
import type { Examination } from "./examine.ts";
import type { HaltedSlot } from "./halted-slots.ts";

/** What an adoption means, for whoever has to decide on it. */
export function describeExamination(halted: HaltedSlot, examined: Examination): string {
  const { slot, shard, reason, appliedSeq, seqBase } = halted;
  const { stream, firstSeq, lastSeq } = examined;
  const has = lastSeq < firstSeq ? "is empty" : `has ${firstSeq} to ${lastSeq}`;
  const lines: [string, string][] = [
    ["halted", oneLineOf(reason)],
    [
      "applied",
      `up to ${appliedSeq}${seqBase === 0 ? "" : `, which was ${appliedSeq - seqBase} of its stream`}`,
    ],
    [
      "log",
      `${stream} ${has}: ${examined.continues ? "the log that was applied" : "not the log that was applied"}`,
    ],
    ["gone", goneText(examined)],
    ["lost", lostText(examined)],
    ["unread", unreadText(halted, examined)],
  ];
  return [
    `slot ${slot} on shard ${shard.number}`,
    ...lines.map(([name, text]) => `  ${name.padEnd(7)}  ${text}`),
  ].join("\n");
}

function goneText({ decidedGone }: Examination): string {
  if (decidedGone === 0) return "nothing that the slot has decided";
  return `${counted(decidedGone, "decided envelope")} not in the log any more; what was decided stays as it is`;
}

function lostText({ lost }: Examination): string {
  if (lost.length === 0) return "nothing that is known of";
  const ranges = lost.map(({ fromSeq, toSeq }) =>
    fromSeq === toSeq ? `${fromSeq}` : `${fromSeq} to ${toSeq}`,
  );
  return `${ranges.join(", ")} of the stream: bids acknowledged there for this slot are LOST, and will never be decided`;
}

function unreadText(halted: HaltedSlot, examined: Examination): string {
  const { unread, unreadSinceMs, readUpToSeq } = examined;
  const { appliedSeq, seqBase } = newPosition(halted, examined);
  const next = `the stream's ${readUpToSeq + 1} becomes ${appliedSeq + 1} (base ${seqBase})`;
  if (unread === 0 || unreadSinceMs === undefined) return `nothing; ${next}`;
  const since = new Date(unreadSinceMs).toISOString();
  return `${counted(unread, "message")} since ${since}, to be decided; ${next}`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
