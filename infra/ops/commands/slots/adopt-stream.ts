import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { findNats } from "../../find-nats.ts";
import type { OpsCommand } from "../../ops-command.ts";
import { adopt } from "../../slots/adopt.ts";
import { describeExamination } from "../../slots/describe-examination.ts";
import { examine } from "../../slots/examine.ts";
import { type HaltedSlot, haltedSlots } from "../../slots/halted-slots.ts";
import { withStreamReader } from "../../slots/stream-reader.ts";
import { withShards } from "../../with-shards.ts";

export const adoptStream: OpsCommand = {
  summary: "let halted slots go on in the log as it is now",
  help: `npm run ops -- slots adopt-stream <slot>|--all [--dry-run] [--yes]

A slot halts when its log is not the one that it has applied: made anew, restored, cut off, damaged, or purged before it was
read. What is missing cannot be brought back by Lastcall; if there is another copy of the log, restore that first.

Compares the slot's messages in the stream with what was decided, prints what it found, asks, and lets the slot go on:

  gone    decided, and not in the log any more: nothing happens to them, the shard is their truth
  lost    in no log any more, and above what was decided: bids that were acknowledged as queued there are lost. Tell their
          bidders; a retry with the same key is decided as if it were new
  unread  will be decided now; what was decided before, under whatever sequence, is known by its key and stays as it is

The slot's sequences go on rising: its base (slots.seq_base) is added to those of the stream from now on.

  --all      every halted slot
  --dry-run  only prints
  --yes      does not ask; needed where there is no terminal to answer from

NATS is that of NATS_URL, or of the stack that runs on LASTCALL_DATA.`,
  async run(args) {
    const options = {
      all: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
      yes: { type: "boolean", default: false },
    } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const wanted = wantedSlot(positionals, values.all);
    await withShards((shards) =>
      withStreamReader(findNats(), async (streams) => {
        const halted = chosen(await haltedSlots(shards), wanted);
        const found = [];
        for (const slot of halted) {
          const examined = await examine(streams, slot);
          console.log(describeExamination(slot, examined));
          found.push({ slot, examined });
        }
        if (values["dry-run"]) return;
        if (found.length === 0) return console.log("no slot is halted");
        if (!values.yes) await confirm(found.length);
        for (const { slot, examined } of found) {
          const { appliedSeq, seqBase } = await adopt(streams, slot, examined);
          console.log(`slot ${slot.slot} goes on above ${appliedSeq}, base ${seqBase}`);
        }
        await streams.tellCores();
      }),
    );
  },
};

/** Undefined: all of them. */
function wantedSlot(words: readonly string[], all: boolean): number | undefined {
  const [word = ""] = words;
  if (all && words.length === 0) return undefined;
  if (all || words.length !== 1 || !/^\d{1,4}$/.test(word)) throw new Error("name one slot, or say --all");
  return Number(word);
}

function chosen(halted: readonly HaltedSlot[], wanted: number | undefined): readonly HaltedSlot[] {
  if (wanted === undefined) return halted;
  const found = halted.filter(({ slot }) => slot === wanted);
  if (found.length === 0) throw new Error(`slot ${wanted} is not halted`);
  return found;
}

async function confirm(slots: number): Promise<void> {
  const question =
    slots === 1 ? "adopt the stream for this slot?" : `adopt the streams for these ${slots} slots?`;
  if (!process.stdin.isTTY)
    throw new Error("nothing is adopted: there is nobody to ask, so say --yes to adopt it");
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new Error("nothing is adopted");
  } finally {
    terminal.close();
  }
}
