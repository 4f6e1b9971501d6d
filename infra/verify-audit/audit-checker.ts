import {
  type AuditEnvelope,
  auditEnvelopeSchema,
  type AuditHead,
  auditHeadSchema,
  type AuditHeader,
  auditHeaderSchema,
} from "../../shared/audit.ts";
import { chainAfter } from "../../core/auction/identity.ts";
import { RULES_VERSION } from "../../shared/commands.ts";
import { headDifference } from "./head-difference.ts";
import { createPublicReplay, type PublicReplay } from "./public-replay.ts";
import { revealed } from "./revealed.ts";
import { entryInWords } from "./words.ts";

/** What a bidder holds and wants to find in the file. */
export interface Wanted {
  /** The `chain` of an outcome. */
  readonly receipt?: string | undefined;
  readonly bidId?: string | undefined;
}

export interface AuditReport {
  readonly auctionId: string | undefined;
  readonly envelopes: number;
  readonly commands: number;
  /** The first thing that is not as it must be, in words; undefined when everything that could be checked is right. */
  readonly difference: string | undefined;
  readonly checked: readonly string[];
  readonly unchecked: readonly string[];
  /** What was found of what was wanted. */
  readonly found: readonly string[];
}

export interface AuditChecker {
  line(text: string): void;
  /** The file has ended. */
  finish(): AuditReport;
}

/** Ends the checking with the first difference. */
class Difference extends Error {}

const differs = (words: string): never => {
  throw new Difference(words);
};

/** Checks an audit line by line, holding no more of it than the rules themselves need. */
export function createAuditChecker(wanted: Wanted = {}): AuditChecker {
  let header: AuditHeader | undefined;
  let head: AuditHead | undefined;
  let replay: PublicReplay | undefined;
  let difference: string | undefined;
  let lines = 0;
  let commands = 0;
  let reveals = 0;
  let chain = "";
  let last = { seq: 0, at: 0 };
  /** From where the rules could not be applied any more, because something is not revealed. */
  let hiddenFrom: number | undefined;
  const found: string[] = [];

  const begin = (text: string): void => {
    const read = auditHeaderSchema.safeParse(json(text));
    if (!read.success) return differs("the first line is not the header of an audit that this program knows");
    header = read.data;
    if (header.rules <= RULES_VERSION) replay = createPublicReplay(header.auctionId);
  };

  const envelope = ({ verifiable, revealed: isRevealed }: AuditHeader, line: AuditEnvelope): void => {
    const { seq, at } = line;
    lines++;
    commands += line.record.length;
    if (seq <= last.seq || at < last.at) differs(`seq ${seq} stands after seq ${last.seq}: lines were moved`);
    last = { seq, at };
    if (verifiable) {
      chain = chainAfter(chain, { seq, atMs: at }, JSON.stringify(line.record));
      if (chain !== line.chain)
        differs(
          `seq ${seq}: the chain does not follow from this line and the one before it: one was changed, removed or moved`,
        );
      if (line.chain === wanted.receipt) found.push(`the receipt is that of seq ${seq}, at ${at}`);
    }
    open(line, isRevealed);
    lookForBid(line);
  };

  const open = ({ seq, at, record, reveals: openings = [] }: AuditEnvelope, isRevealed: boolean): void => {
    const { record: whole, hidden, unfit } = revealed(record, openings);
    const [wrong] = unfit;
    if (wrong !== undefined)
      differs(
        `seq ${seq}, command ${wrong.index + 1}: what is revealed as ${wrong.field} is not what was committed to`,
      );
    if (hidden > 0 && isRevealed)
      differs(`seq ${seq}: ${hidden} values are not revealed, though the header says that all are`);
    reveals += openings.length;
    if (hidden > 0) hiddenFrom ??= seq;
    if (hiddenFrom !== undefined) return;
    const wrongEntry = replay?.decide({ seq, atMs: at }, whole);
    if (wrongEntry !== undefined) differs(`seq ${seq}, ${entryInWords(wrongEntry)}`);
  };

  const lookForBid = ({ seq, record }: AuditEnvelope): void => {
    if (wanted.bidId === undefined) return;
    record.forEach(([kind, outcome, , , , key, , reason], index) => {
      if (kind !== "bid" || key !== wanted.bidId) return;
      const why = typeof reason === "string" ? ` (${reason})` : "";
      found.push(`the bid is command ${index + 1} of seq ${seq}: ${String(outcome)}${why}`);
    });
  };

  const end = ({ verifiable }: AuditHeader, stated: AuditHead): void => {
    head = stated;
    if (stated.lines !== lines) differs(`the head counts ${stated.lines} envelopes, the file has ${lines}`);
    if (stated.seq !== last.seq)
      differs(`the head is of seq ${stated.seq}, the last envelope is seq ${last.seq}`);
    if (verifiable && stated.head !== chain) differs("the head is not the chain of the last envelope");
    if (replay === undefined || hiddenFrom !== undefined) return;
    const wrong = headDifference(stated, replay.auction);
    if (wrong !== undefined) differs(`the head: ${wrong}`);
  };

  const read = (text: string): void => {
    if (header === undefined) return begin(text);
    if (head !== undefined) return differs("something stands after the head");
    const value = json(text);
    const line = auditEnvelopeSchema.safeParse(value);
    if (line.success) return envelope(header, line.data);
    const ending = auditHeadSchema.safeParse(value);
    if (!ending.success) return differs(`the line after seq ${last.seq} is none of an audit`);
    end(header, ending.data);
  };

  const guarded = (work: () => void): void => {
    if (difference !== undefined) return;
    try {
      work();
    } catch (error) {
      // A log that nobody decided may break the rules' own assumptions: that, too, is a difference.
      difference = error instanceof Error ? error.message : String(error);
      if (!(error instanceof Difference)) difference = `after seq ${last.seq}: ${difference}`;
    }
  };

  return {
    line: (text) => guarded(() => read(text)),
    finish() {
      guarded(() => {
        if (head === undefined) differs(`the file was cut off after seq ${last.seq}: it has no head`);
        if (wanted.receipt !== undefined && !found.some((words) => words.startsWith("the receipt")))
          differs("the receipt is in no line of this file");
        if (wanted.bidId !== undefined && !found.some((words) => words.startsWith("the bid")))
          differs("the bid is in no line of this file");
      });
      const whole = difference === undefined;
      return {
        auctionId: header?.auctionId,
        envelopes: lines,
        commands,
        difference,
        found,
        checked: whole ? checkedWords({ header, hiddenFrom, reveals, replayed: replay !== undefined }) : [],
        unchecked: uncheckedWords({ header, hiddenFrom, head, replay }),
      };
    },
  };
}

function checkedWords(of: {
  header: AuditHeader | undefined;
  hiddenFrom: number | undefined;
  reveals: number;
  replayed: boolean;
}): string[] {
  const words: string[] = [];
  if (of.header?.verifiable === true) words.push("the chain, line by line up to the head");
  if (of.reveals > 0) words.push(`${of.reveals} revealed values against their commitments`);
  if (of.replayed && of.hiddenFrom === undefined)
    words.push("every decision, the winner, the price and the orders, by the rules");
  return words;
}

function uncheckedWords(of: {
  header: AuditHeader | undefined;
  hiddenFrom: number | undefined;
  head: AuditHead | undefined;
  replay: PublicReplay | undefined;
}): string[] {
  const { header, hiddenFrom, head, replay } = of;
  const words: string[] = [];
  if (header === undefined) return words;
  if (!header.verifiable)
    words.push("the chain: by this auction's rules only operators can check it (npm run ops -- verify)");
  if (replay === undefined)
    words.push(
      `the decisions: the auction is of rules ${header.rules}, and this program knows up to ${RULES_VERSION}`,
    );
  if (hiddenFrom !== undefined)
    words.push(
      `the decisions from seq ${hiddenFrom} on: secret values are ` +
        (head?.status === "cancelled"
          ? "not revealed, because the auction was cancelled"
          : "not revealed before the close; fetch the audit again after it"),
    );
  if (replay !== undefined && replay.earlierKeys > 0)
    words.push(`${replay.earlierKeys} commands whose keys had been used before there was an auction`);
  return words;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
