import { parseArgs } from "node:util";
import type { DecisionEntry } from "../../../../core/auction/record.ts";
import { markReplayed } from "../../../../core/shards/dead-letters.ts";
import { loadDecisions } from "../../../../core/shards/load-decisions.ts";
import { slotOf } from "../../../../shared/slots.ts";
import { auctionIdOfSubject, commandSubject } from "../../../../shared/subjects.ts";
import { appendEnvelope } from "../../dead-letters/append-envelope.ts";
import { type FoundLetter, findLetter, readPosition } from "../../dead-letters/find-letter.ts";
import { readPayload } from "../../dead-letters/payload.ts";
import { planReplay } from "../../dead-letters/replay-plan.ts";
import { oneLineOf } from "../../dead-letters/terminal.ts";
import { findNats } from "../../find-nats.ts";
import type { OpsCommand } from "../../ops-command.ts";
import { seqBaseOf } from "../../slots/seq-base.ts";
import { withShards } from "../../with-shards.ts";

export const replay: OpsCommand = {
  summary: "append the commands of one to the log again",
  help: `npm run ops -- dead-letters replay <slot>:<seq> [--again]

Appends the letter's commands to the log of their auction as a new message, prints its sequence, and notes it on the letter,
which stays until it is discarded. They are decided as of now: a bid on an auction that has closed meanwhile is late.

Idempotency keys do their work: a command whose key was decided gets its first outcome and changes nothing. Only a command
that was refused as internal_error is asked again under a new key, replay:<slot>:<seq>:<place>; its sender, who was told
so, keeps that answer. Commands that cannot be read are named and left out; a letter without any other is refused. What
Postgres refuses again is parked again, as a letter of its own: replay that one next.

  --again  replays it although it was replayed; its keys see to it that nothing happens twice

NATS is that of NATS_URL, or of the stack that runs on LASTCALL_DATA.`,
  async run(args) {
    const options = { again: { type: "boolean", default: false } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const position = readPosition(positionals);
    const name = `${position.slot}:${position.seq}`;
    await withShards(async (shards) => {
      const found = await findLetter(shards, position);
      const { replayedSeq } = found.letter;
      if (replayedSeq !== null && !values.again)
        throw new Error(`${name} was replayed as ${replayedSeq}; say --again to replay it once more`);
      const { seq, subject, commands } = await replayLetter(found);
      console.log(`replayed ${name} as ${seq} on ${subject}, commands: ${commands}`);
      await Promise.all(shards.map((shard) => markReplayed(shard, position, seq)));
    });
  },
};

async function replayLetter(
  found: FoundLetter,
): Promise<{ readonly seq: number; readonly subject: string; readonly commands: number }> {
  const { letter, shard, slots } = found;
  const auctionId = auctionIdOfSubject(letter.subject);
  if (auctionId === undefined) throw new Error("it cannot be replayed: its subject names no auction");
  const decided = await decisionsOf(found, auctionId);
  const { commands, notes } = planReplay(letter, readPayload(letter.payload), decided);
  for (const note of notes) console.error(oneLineOf(note));
  const slot = slotOf(auctionId, slots);
  const subject = commandSubject(slot, auctionId);
  const streamSeq = await appendEnvelope(findNats(), subject, commands);
  return { seq: streamSeq + (await seqBaseOf(shard, slot)), subject, commands: commands.length };
}

async function decisionsOf(
  { letter, shard }: FoundLetter,
  auctionId: string,
): Promise<readonly DecisionEntry[]> {
  const [row] = await loadDecisions(shard, [{ auctionId, seq: letter.seq }]);
  return row?.entries ?? [];
}
