import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { discardDeadLetter } from "../../../../core/shards/dead-letters.ts";
import { describe } from "../../dead-letters/describe.ts";
import { findLetter, readPosition } from "../../dead-letters/find-letter.ts";
import { oneLineOf } from "../../dead-letters/terminal.ts";
import type { OpsCommand } from "../../ops-command.ts";
import { withShards } from "../../with-shards.ts";

export const discard: OpsCommand = {
  summary: "delete one for good",
  help: `npm run ops -- dead-letters discard <slot>:<seq> [--reason TEXT] [--yes]

Prints what the letter is, asks, and deletes it. Its message stays in the log, and what was decided stays decided.

  --reason  why, for the record that is printed; it is kept nowhere else
  --yes     does not ask; needed where there is no terminal to answer from`,
  async run(args) {
    const options = { reason: { type: "string" }, yes: { type: "boolean", default: false } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const position = readPosition(positionals);
    const name = `${position.slot}:${position.seq}`;
    await withShards(async (shards) => {
      const { letter } = await findLetter(shards, position);
      console.log(describe(letter, { reveal: false }).text);
      if (!values.yes && !(await confirmed(name))) throw new Error(`${name} is kept`);
      const deleted = await Promise.all(shards.map((shard) => discardDeadLetter(shard, position)));
      if (!deleted.includes(true)) throw new Error(`somebody else has discarded ${name} meanwhile`);
      console.log(`discarded ${name}${values.reason === undefined ? "" : `: ${oneLineOf(values.reason)}`}`);
    });
  },
};

async function confirmed(name: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new Error(`${name} is kept: there is nobody to ask, so say --yes to discard it`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`discard ${name} for good? [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
