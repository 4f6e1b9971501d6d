import { findDeadLetter, type LetterPosition } from "../../../core/shards/dead-letters.ts";
import type { Shard } from "../../../core/shards/connect.ts";
import type { WholeLetter } from "./describe.ts";

/** A letter, the shard that has it, and of how many slots its cluster is. */
export interface FoundLetter {
  readonly letter: WholeLetter;
  readonly shard: Shard;
  readonly slots: number;
}

/** The position that `slot:seq` names. Throws when it names none. */
export function readPosition(words: readonly string[]): LetterPosition {
  const [, slot, seq] = /^(\d{1,4}):(\d{1,16})$/.exec(words[0] ?? "") ?? [];
  if (slot === undefined || seq === undefined || words.length !== 1)
    throw new Error("name one letter as <slot>:<seq>, for instance 3:1042");
  return { slot: Number(slot), seq: Number(seq) };
}

/** The letter of a position, on whichever shard it is. Throws when none has it. */
export async function findLetter(shards: readonly Shard[], position: LetterPosition): Promise<FoundLetter> {
  const answers = await Promise.all(
    shards.map(async (shard) => ({ shard, found: await findDeadLetter(shard, position) })),
  );
  for (const { shard, found } of answers) {
    const payload = found?.letter.payload;
    if (found !== undefined && payload)
      return { letter: { ...found.letter, payload }, shard, slots: found.slots };
  }
  throw new Error(`there is no dead letter ${position.slot}:${position.seq}`);
}
