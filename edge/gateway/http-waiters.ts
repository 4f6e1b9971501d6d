import type { AuctionView } from "../../shared/auctions.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import { LAZY_ACK_MS } from "../link/pipe-protocol.ts";
import type { OutcomeTarget, PendingCommand, PublishFailure } from "./dispatcher.ts";
import type { HopelessReason } from "./hopeless.ts";

/** What a gateway answers to the Worker, which turns it into HTTP. */
export type GatewayReply =
  | { kind: "decided"; outcome: Outcome; auction?: AuctionView }
  | { kind: "queued"; seq: number }
  | { kind: "failed"; reason: PublishFailure }
  | { kind: "hopeless"; reason: HopelessReason }
  | { kind: "not_found" }
  | { kind: "unavailable" };

/** The longest that a caller may wait for an outcome. */
export const MAX_WAIT_MS = 10_000;
/** A fate that is unknown after this, whatever the caller's patience, is answered as unknown. */
const LEAST_PATIENCE_MS = 2_000;
/** Whoever gives up sooner needs the ack by itself, to know what to say then. */
const SOON_MS = 2 * LAZY_ACK_MS;

/** An HTTP call that waits for its command's outcome. */
class HttpWaiter implements OutcomeTarget {
  readonly answer: (reply: GatewayReply) => void;
  readonly wantsAck: boolean;
  readonly #atQueued: boolean;
  readonly deadline: number;
  command: PendingCommand | undefined;
  #seq = 0;
  #answered = false;

  constructor(answer: (reply: GatewayReply) => void, waitMs: number, now: number) {
    this.answer = answer;
    this.#atQueued = waitMs === 0;
    this.wantsAck = waitMs < SOON_MS;
    this.deadline = now + (waitMs === 0 ? LEAST_PATIENCE_MS : waitMs);
  }

  decided(outcome: Outcome): void {
    this.#settle({ kind: "decided", outcome });
  }

  queued(seq: number): void {
    this.#seq = seq;
    if (this.#atQueued) this.#settle({ kind: "queued", seq });
  }

  failed(reason: PublishFailure): void {
    this.#settle({ kind: "failed", reason });
  }

  expire(withdraw: (command: PendingCommand) => boolean): void {
    if (this.#seq > 0) return this.#settle({ kind: "queued", seq: this.#seq });
    // Still in its lane it was never sent, and can honestly be taken back.
    const withdrawn = this.command !== undefined && withdraw(this.command);
    this.#settle({ kind: "failed", reason: withdrawn ? "not_queued" : "outcome_unknown" });
  }

  #settle(reply: GatewayReply): void {
    if (this.#answered) return;
    this.#answered = true;
    this.answer(reply);
  }
}

export interface HttpWaiters {
  /** Submits what `submit` is given, and waits `waitMs` for its outcome; with 0 only until the stream has it. */
  wait(waitMs: number, submit: (target: OutcomeTarget) => PendingCommand | undefined): Promise<GatewayReply>;
  /** Answers those whose patience has ended. */
  expire(): void;
  size(): number;
}

/** All of a gateway's waiting calls, with one timer for all of them instead of one each. */
export function createHttpWaiters(deps: {
  now(): number;
  withdraw(command: PendingCommand): boolean;
}): HttpWaiters {
  const waiters = new Set<HttpWaiter>();
  return {
    wait(waitMs, submit) {
      return new Promise((resolve) => {
        const waiter = new HttpWaiter(
          (reply) => {
            waiters.delete(waiter);
            resolve(reply);
          },
          waitMs,
          deps.now(),
        );
        waiters.add(waiter);
        const command = submit(waiter);
        if (command === undefined) waiter.failed("not_queued");
        else waiter.command = command;
      });
    },
    expire() {
      const now = deps.now();
      for (const waiter of waiters) if (now >= waiter.deadline) waiter.expire(deps.withdraw);
    },
    size: () => waiters.size,
  };
}
