import type { CommandKind, ToldAnswer, ToldCommand, ToldRefusal } from "../told.ts";
import type { LoadContext, Notebook } from "./load-context.ts";

/** Pause before the same key is sent again: a good client's `Retry-After` is longer, but would blur when service resumed. */
export const RETRY_EVERY_MS = 250;

/** A decided bid is asked for once more this often; its answer must be the first one again (I9). */
const ASK_AGAIN_SHARE = 0.01;

/** A command with one key that is followed until its client knows what became of it. */
export interface Pursuit {
  readonly told: ToldCommand;
  readonly body: object;
  /** Resolves when the client has left it: with the answer, or without one. */
  readonly over: Promise<ToldAnswer | undefined>;
  readonly isOver: boolean;
  sent(connection: string, place: number): void;
  acknowledged(seq: number): void;
  answered(answer: ToldAnswer): void;
  refused(refusal: ToldRefusal): void;
  /** Leaves it without an answer. */
  abandon(): void;
  /** Whether the client wants to hear a known outcome again; says yes once at most. */
  wantsAgain(): boolean;
}

export interface PursuitStart {
  readonly kind: CommandKind;
  readonly actorId: string;
  readonly key: string;
  readonly body: object;
}

export function pursue(context: LoadContext, notebook: Notebook, start: PursuitStart): Pursuit {
  const { figures, random } = context;
  const { kind, actorId, key, body } = start;
  const isBid = kind === "bid";
  const told: ToldCommand = { kind, actorId, key, firstSentMs: Date.now(), sends: [], acks: [], answers: [] };
  let again = isBid && random.chance(ASK_AGAIN_SHARE);
  let isOver = false;
  let finish: (answer: ToldAnswer | undefined) => void = () => {};
  const over = new Promise<ToldAnswer | undefined>((resolve) => (finish = resolve));
  if (isBid) {
    figures.bids++;
    figures.open++;
  }

  const end = (answer: ToldAnswer | undefined): void => {
    if (isOver) return;
    isOver = true;
    if (isBid) {
      figures.open--;
      if (answer !== undefined) figures.decided++;
      if (answer?.outcome === "accepted") figures.accepted++;
      if (answer !== undefined || told.acks.length > 0) figures.acknowledged++;
    }
    notebook.told(told);
    finish(answer);
  };

  return {
    told,
    body,
    over,
    get isOver() {
      return isOver;
    },
    sent(connection, place) {
      if (told.sends.length > 0) figures.retries++;
      told.sends.push([connection, place]);
    },
    acknowledged: (seq) => void told.acks.push(seq),
    answered(answer) {
      told.answers.push(answer);
      if (!again) end(answer);
    },
    refused(refusal) {
      if (isOver) return;
      told.refusal = refusal;
      if (isBid) figures.refused++;
      end(undefined);
    },
    abandon: () => end(told.answers[0]),
    wantsAgain() {
      const wants = again && told.answers.length > 0;
      if (wants) again = false;
      return wants;
    },
  };
}
