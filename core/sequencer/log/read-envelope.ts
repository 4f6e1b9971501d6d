import * as z from "zod";
import {
  type BidCommand,
  type Command,
  commandSchema,
  envelopeSchema,
  MAX_COMMANDS_PER_ENVELOPE,
} from "../../../shared/commands.ts";
import { ID_PATTERN } from "../../../shared/ids.ts";
import type { ReadCommand } from "../../auction/decide-envelope.ts";
import { identify } from "../../auction/identity.ts";

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
    const command = readPlainBid(raw) ?? readCommand(raw, (fault) => (detail ??= fault));
    if (command === undefined) {
      commands.push(UNREADABLE);
      continue;
    }
    if (command.type !== "tick" && command.trace !== undefined) (traces ??= []).push(command.trace);
    commands.push({ command, identity: identify(auctionId, command) });
  }
  const envelope = { envelopeId: shell.id, origin: shell.origin, commands, traces: traces ?? NO_TRACES };
  return detail === undefined ? envelope : { ...envelope, fault: { reason: "unreadable_command", detail } };
}

function readCommand(raw: unknown, refuse: (fault: string) => void): Command | undefined {
  const parsed = commandSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  refuse(z.prettifyError(parsed.error));
  return undefined;
}

const KEY = /^[A-Za-z0-9_.:-]{1,64}$/;

/**
 * An untraced bid by amount or by maximum, or a claim of one unit, which are nearly every command of a hot auction, in a
 * fraction of the schema's time. It accepts nothing that `commandSchema` would not (a test holds them together); what it
 * does not know, the schema reads.
 */
export function readPlainBid(raw: unknown): BidCommand | undefined {
  if (typeof raw !== "object" || raw === null || Object.keys(raw).length !== 4) return undefined;
  const { type, bidderId, key, body } = raw as Record<string, unknown>;
  if (type !== "bid" || typeof bidderId !== "string" || typeof key !== "string") return undefined;
  if (!ID_PATTERN.test(bidderId) || !KEY.test(key) || typeof body !== "object" || body === null)
    return undefined;
  return isPlainBody(body) ? (raw as BidCommand) : undefined;
}

function isPlainBody(body: object): boolean {
  const { amount, maxAmount } = body as Record<string, unknown>;
  const offer = amount ?? maxAmount;
  if (offer === undefined) return Object.keys(body).length === 0 && !Array.isArray(body);
  return Number.isSafeInteger(offer) && (offer as number) >= 1 && Object.keys(body).length === 1;
}

const unreadable = (detail: string): ReadEnvelope => ({
  envelopeId: "",
  origin: "",
  commands: [UNREADABLE],
  traces: NO_TRACES,
  fault: { reason: "unreadable_envelope", detail },
});
