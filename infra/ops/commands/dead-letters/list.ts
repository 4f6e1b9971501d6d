import { parseArgs } from "node:util";
import { type DeadLetter, listDeadLetters } from "../../../../core/shards/dead-letters.ts";
import { auctionIdOfSubject } from "../../../../shared/subjects.ts";
import { withoutSecrets } from "../../dead-letters/mask.ts";
import { commandsOf, readPayload } from "../../dead-letters/payload.ts";
import { cutToTerminal, oneLineOf } from "../../dead-letters/terminal.ts";
import type { OpsCommand } from "../../ops-command.ts";
import { table } from "../../table.ts";
import { withShards } from "../../with-shards.ts";

/** As many as one looks through. */
const DEFAULT_LIMIT = 50;

const COLUMNS = ["slot", "seq", "at", "reason", "auction", "commands", "replayed", "detail"];

export const list: OpsCommand = {
  summary: "which there are, oldest first",
  help: `npm run ops -- dead-letters list [--slot N] [--reason R] [--limit ${DEFAULT_LIMIT}] [--json]

One line for each letter, oldest first: its place in the log, the log's time, why it was parked, the auction that its
subject names, how many commands it holds, where its replay stands in the log, and the detail, cut to the terminal.

  --slot    only letters of this slot
  --reason  only letters parked for this reason
  --limit   at most so many
  --json    one JSON object a line, details in full`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        slot: { type: "string" },
        reason: { type: "string" },
        limit: { type: "string", default: String(DEFAULT_LIMIT) },
        json: { type: "boolean", default: false },
      },
    });
    const { reason } = values;
    const slot = values.slot === undefined ? undefined : wholeNumber("slot", values.slot, 0);
    const limit = wholeNumber("limit", values.limit, 1);
    // One more than asked for: whether there are more.
    const found = await oldest({ slot, reason, limit: limit + 1 });
    const lines = found.slice(0, limit).map(lineOf);
    if (values.json) for (const line of lines) console.log(JSON.stringify(line));
    else if (lines.length === 0) console.log(hint(slot !== undefined || reason !== undefined));
    else
      console.log(
        table(COLUMNS, lines.map(toCells))
          .split("\n")
          .map((line) => cutToTerminal(line))
          .join("\n"),
      );
    if (found.length > limit) console.error(`there are more: --limit ${limit * 2}`);
  },
};

const hint = (filtered: boolean): string =>
  filtered
    ? "no dead letters of that kind; without --slot and --reason all are listed"
    : "no dead letters: everything in the log was read, decided and stored";

/** Of all shards. A letter that two of them have, because its slot moved, is one. */
async function oldest(filter: Parameters<typeof listDeadLetters>[1]): Promise<DeadLetter[]> {
  const found = await withShards((shards) =>
    Promise.all(shards.map(async (shard) => listDeadLetters(shard, filter))),
  );
  const letters = new Map(found.flat().map((letter) => [`${letter.slot}:${letter.seq}`, letter]));
  return [...letters.values()]
    .sort((a, b) => a.atMs - b.atMs || a.slot - b.slot || a.seq - b.seq)
    .slice(0, filter.limit);
}

type Line = ReturnType<typeof lineOf>;

function lineOf(letter: DeadLetter) {
  const { slot, seq, atMs, reason, subject, replayedSeq } = letter;
  const payload = letter.payload === null ? null : readPayload(letter.payload);
  return {
    slot,
    seq,
    at: new Date(atMs).toISOString(),
    reason,
    auctionId: auctionIdOfSubject(subject) ?? null,
    commands: payload === null ? null : (commandsOf(payload)?.length ?? null),
    replayedSeq,
    detail: withoutSecrets(letter, payload).detail,
  };
}

function toCells({ slot, seq, at, reason, auctionId, commands, replayedSeq, detail }: Line) {
  return [slot, seq, at, reason, auctionId, commands, replayedSeq, oneLineOf(detail)];
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= least) return value;
  throw new Error(`--${name} ${text} is not a whole number from ${least}`);
}
