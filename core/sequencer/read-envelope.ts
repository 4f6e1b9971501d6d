import * as z from "zod";
import { commandSchema, envelopeSchema, MAX_COMMANDS_PER_ENVELOPE } from "../../shared/commands.ts";
import type { ReadCommand } from "../auction/decide-envelope.ts";
import { identify } from "../auction/identity.ts";

/** A message of the log, read as far as it could be. */
export interface ReadEnvelope {
  readonly envelopeId: string;
  readonly origin: string;
  readonly commands: readonly ReadCommand[];
  /** `traceparent` of its sampled commands. */
  readonly traces: readonly string[];
  /** Why the message, or a command in it, goes to the dead letters; the rest is decided. */
  readonly fault?: { readonly reason: "unreadable_envelope" | "unreadable_command"; readonly detail: string };
}

/** The envelope with its commands unread, so that one bad command does not cost the others their decision. */
const shellSchema = z.object({
  ...envelopeSchema.shape,
  commands: z.array(z.unknown()).min(1).max(MAX_COMMANDS_PER_ENVELOPE),
});

const decoder = new TextDecoder("utf-8", { fatal: true });
const NO_TRACES: readonly string[] = [];
const UNREADABLE: ReadCommand = { command: undefined, identity: undefined };

/** Reads a message. Never throws: what cannot be read becomes a refused command and a `fault`. */
export function readEnvelope(auctionId: string | undefined, data: Uint8Array): ReadEnvelope {
  if (auctionId === undefined) return unreadable("the subject names no auction");
  try {
    const json: unknown = JSON.parse(decoder.decode(data));
    const shell = shellSchema.safeParse(json);
    if (!shell.success) return unreadable(z.prettifyError(shell.error));
    return readCommands(auctionId, shell.data);
  } catch (error) {
    return unreadable(error instanceof Error ? error.message : String(error));
  }
}

function readCommands(auctionId: string, shell: z.infer<typeof shellSchema>): ReadEnvelope {
  const commands: ReadCommand[] = [];
  let traces: string[] | undefined;
  let detail: string | undefined;
  for (const raw of shell.commands) {
    const parsed = commandSchema.safeParse(raw);
    if (!parsed.success) {
      detail ??= z.prettifyError(parsed.error);
      commands.push(UNREADABLE);
      continue;
    }
    const command = parsed.data;
    if (command.type !== "tick" && command.trace !== undefined) (traces ??= []).push(command.trace);
    commands.push({ command, identity: identify(auctionId, command) });
  }
  const envelope = { envelopeId: shell.id, origin: shell.origin, commands, traces: traces ?? NO_TRACES };
  return detail === undefined ? envelope : { ...envelope, fault: { reason: "unreadable_command", detail } };
}

const unreadable = (detail: string): ReadEnvelope => ({
  envelopeId: "",
  origin: "",
  commands: [UNREADABLE],
  traces: NO_TRACES,
  fault: { reason: "unreadable_envelope", detail },
});
