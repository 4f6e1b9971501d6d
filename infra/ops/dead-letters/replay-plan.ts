import * as z from "zod";
import type { DecisionEntry } from "../../../core/auction/record.ts";
import type { LetterPosition } from "../../../core/shards/dead-letters.ts";
import { type Command, commandSchema, MAX_COMMANDS_PER_ENVELOPE } from "../../../shared/commands.ts";
import { WIRE_VERSION } from "../../../shared/wire-version.ts";
import { commandsOf, fieldOf, type Payload } from "./payload.ts";

/** What is appended again, and what the operator should know about it: one note a command where there is something to say. */
export interface ReplayPlan {
  readonly commands: readonly Command[];
  readonly notes: readonly string[];
}

/**
 * The commands of a letter that can be read by today's schemas. `decided` are the decisions that its message got, if any.
 *
 * A key that was decided keeps its first outcome (I9). For a command on which `decide` threw, that outcome is
 * `internal_error` for ever; so it is asked again under a key of its own, which follows from the letter's position: the
 * letter can be replayed again and nothing happens twice. Throws when nothing can be replayed.
 */
export function planReplay(
  position: LetterPosition,
  payload: Payload,
  decided: readonly DecisionEntry[],
): ReplayPlan {
  const notes: string[] = [];
  const commands: Command[] = [];
  for (const [index, raw] of rawCommands(payload).entries()) {
    const parsed = commandSchema.safeParse(raw);
    if (!parsed.success) {
      notes.push(`command ${index} is left out, it cannot be read: ${z.prettifyError(parsed.error)}`);
      continue;
    }
    const again = askedAgain(position, { index, command: parsed.data, entry: decided[index] });
    if (again.command !== undefined) commands.push(again.command);
    if (again.note !== undefined) notes.push(`command ${index} ${again.note}`);
  }
  if (commands.length === 0) throw new Error(["nothing in it can be replayed", ...notes].join("; "));
  if (commands.length > MAX_COMMANDS_PER_ENVELOPE) {
    throw new Error(
      `it holds ${commands.length} commands, and an envelope carries ${MAX_COMMANDS_PER_ENVELOPE} at most; nothing was replayed`,
    );
  }
  return { commands, notes };
}

function rawCommands(payload: Payload): readonly unknown[] {
  const raw = commandsOf(payload);
  if (!("json" in payload) || raw === undefined)
    throw new Error("nothing in it can be replayed: it is no envelope of commands");
  const version = fieldOf(payload.json, "v");
  if (typeof version === "number" && version > WIRE_VERSION) {
    throw new Error(
      `it is of wire version ${version} and this program reads up to ${WIRE_VERSION}: replay it with a newer one`,
    );
  }
  return raw;
}

function askedAgain(
  { slot, seq }: LetterPosition,
  { index, command, entry }: { index: number; command: Command; entry: DecisionEntry | undefined },
): { readonly command?: Command; readonly note?: string } {
  if (command.type === "tick" || entry?.kind !== command.type || entry.key !== command.key)
    return { command };
  if (entry.reason !== "internal_error")
    return { command, note: "was decided before: it gets its first outcome" };
  if (command.type === "create")
    return {
      note: "is left out: its key names the auction and was refused, so its seller has to create another",
    };
  const key = `replay:${slot}:${seq}:${index}`;
  return {
    command: { ...command, key },
    note: `was refused as internal_error under its key "${command.key}": it is asked again as "${key}"`,
  };
}
