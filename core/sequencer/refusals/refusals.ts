import type { Log } from "../../log.ts";
import type { SlotBatch } from "../committer.ts";
import { findRefusal } from "./find-refusal.ts";
import type { Refusal } from "./refusal.ts";

/** How a message that Postgres has refused is decided. */
export interface Verdict {
  /** Undefined: nothing of it can be stored, and it is parked without being decided. */
  readonly refusal: Refusal | undefined;
  /** For the dead letter: what it is of the message, and what Postgres says. */
  readonly detail: string;
}

/**
 * What Postgres has refused of a slot, until it is committed. A batch that is refused is committed again message by message; the
 * message that is refused alone is looked into.
 */
export interface Refusals {
  /** Postgres refuses the batch. False: its message was parked already, and even that is refused. */
  add(batch: SlotBatch, error: Error): boolean;
  /** This message must be committed alone. */
  isNear(next: { readonly seq: number } | undefined): boolean;
  /** What it is of the message has yet to be found out. */
  isOpen(seq: number): boolean;
  /** Finds out. `passes` says whether the message could be stored without something. */
  resolve(
    message: { seq: number; commands: number },
    passes: (without: Refusal) => Promise<boolean>,
  ): Promise<void>;
  verdictOn(seq: number): Verdict | undefined;
  committed(seq: number): void;
}

interface Refused {
  readonly error: string;
  verdict: Verdict | undefined;
}

export function createRefusals(slot: number, log: Log): Refusals {
  const refused = new Map<number, Refused>();
  let nearUpTo = 0;
  return {
    add({ move: { appliedSeq: seq }, messages }, error) {
      if (messages > 1) {
        nearUpTo = seq;
        return true;
      }
      // Only its code: the rest may quote what it refuses.
      const code = "code" in error ? error.code : undefined;
      log.error("Postgres refuses a message; what it is of it goes to the dead letters", { slot, seq, code });
      const before = refused.get(seq)?.verdict;
      // What should have passed did not: nothing more is tried with this message.
      const hopeless = { refusal: undefined, detail: `none of it can be stored: ${error.message}` };
      refused.set(seq, { error: error.message, verdict: before && hopeless });
      return before === undefined || before.refusal !== undefined;
    },

    isNear: (next) => next !== undefined && next.seq <= nearUpTo,

    isOpen: (seq) => refused.has(seq) && refused.get(seq)?.verdict === undefined,

    async resolve({ seq, commands }, passes) {
      const suspect = refused.get(seq);
      if (suspect === undefined) return;
      const refusal = await findRefusal(commands, passes);
      suspect.verdict = { refusal, detail: `${describe(refusal, commands)}: ${suspect.error}` };
    },

    verdictOn: (seq) => refused.get(seq)?.verdict,

    committed(seq) {
      for (const one of refused.keys()) if (one <= seq) refused.delete(one);
    },
  };
}

function describe(refusal: Refusal | undefined, commands: number): string {
  if (refusal === undefined) return "none of it can be stored";
  const own = refusal.bare ? ["the envelope's own id and origin"] : [];
  const places = [...refusal.commands].sort((a, b) => a - b);
  const which =
    places.length === 0
      ? []
      : [places.length === commands ? "all commands" : `of ${commands} commands ${places.join(", ")}`];
  return [...own, ...which].join(" and ");
}
