import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
} from "@nats-io/jetstream";
import { nanos } from "nats";
import type { LogGap } from "./command-log.ts";

/**
 * Finds sequences that a stream has given to messages and that no reader gets. The server passes over a message that it cannot
 * read any more, and over what it has lost from the middle or the end of its files, without a word to whoever reads on.
 */
export interface GapFinder {
  firstGap(stream: string, range: Range): Promise<LogGap | undefined>;
}

interface Range {
  readonly afterSeq: number;
  readonly upToSeq: number;
}

/** Headers only: a batch is some hundred kilobytes. */
const BATCH = 2_000;

/** The server's least wait for messages that do not come. */
const WAIT_MS = 1_000;

/** The server forgets a scan that nobody goes on with. */
const FORGET_MS = 5_000;

/**
 * All slots of a stream are opened at about the same time, each behind a position of its own; what one scan has found whole, the
 * others need not scan. Older findings are none: the server may have been started anew since.
 */
const FINDING_MS = 1_000;

export function createGapFinder(deps: Deps): GapFinder {
  const findings = new Map<string, Finding>();
  const turns = new Map<string, Promise<unknown>>();

  const find = async (stream: string, range: Range): Promise<LogGap | undefined> => {
    const known = findings.get(stream);
    if (known === undefined || performance.now() - known.atMs > FINDING_MS || !isNear(known, range)) {
      const gap = await scan(deps, stream, range);
      const upToSeq = gap === undefined ? range.upToSeq : gap.fromSeq - 1;
      findings.set(stream, { afterSeq: range.afterSeq, upToSeq, gap, atMs: performance.now() });
      return gap;
    }
    const before = await scan(deps, stream, { afterSeq: range.afterSeq, upToSeq: known.afterSeq });
    if (before !== undefined) return before;
    if (range.afterSeq < known.afterSeq) findings.set(stream, { ...known, afterSeq: range.afterSeq });
    if (known.gap === undefined) {
      return scan(deps, stream, {
        afterSeq: Math.max(known.upToSeq, range.afterSeq),
        upToSeq: range.upToSeq,
      });
    }
    return { fromSeq: Math.max(known.gap.fromSeq, range.afterSeq + 1), toSeq: known.gap.toSeq };
  };

  return {
    firstGap(stream, range) {
      // One after the other, so that each knows what the one before has found.
      const turn = (turns.get(stream) ?? Promise.resolve()).then(() => find(stream, range));
      turns.set(
        stream,
        turn.catch(() => undefined),
      );
      return turn;
    },
  };
}

/** Whole above `afterSeq` up to `upToSeq`; right behind it is the gap, if one was found. */
interface Finding extends Range {
  readonly gap: LogGap | undefined;
  readonly atMs: number;
}

/** Whether what was found says something of the range's beginning, or ends where it begins. */
function isNear({ gap, upToSeq }: Finding, { afterSeq }: Range): boolean {
  return afterSeq < (gap === undefined ? upToSeq + 1 : gap.toSeq);
}

type Deps = { readonly js: JetStreamClient; readonly jsm: JetStreamManager };

async function scan(deps: Deps, stream: string, { afterSeq, upToSeq }: Range): Promise<LogGap | undefined> {
  if (afterSeq >= upToSeq) return undefined;
  return withConsumer(deps, { stream, afterSeq }, async (consumer) => {
    let next = afterSeq + 1;
    for await (const seq of sequencesOf(consumer, upToSeq - afterSeq)) {
      if (seq > next) return { fromSeq: next, toSeq: Math.min(seq - 1, upToSeq) };
      next = seq + 1;
    }
    return next > upToSeq ? undefined : { fromSeq: next, toSeq: upToSeq };
  });
}

/** A consumer of every message above a sequence, whosoever it is. */
async function withConsumer<T>(
  { js, jsm }: Deps,
  { stream, afterSeq }: { stream: string; afterSeq: number },
  work: (consumer: Consumer) => Promise<T>,
): Promise<T> {
  const { name } = await jsm.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: afterSeq + 1,
    headers_only: true,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: nanos(FORGET_MS),
  });
  try {
    return await work(await js.consumers.get(stream, name));
  } finally {
    await jsm.consumers.delete(stream, name).catch(() => false); // Or the server forgets it by itself.
  }
}

/** The sequences of so many messages, or of fewer when no more can be read. */
async function* sequencesOf(consumer: Consumer, count: number): AsyncIterable<number> {
  for (let left = count; left > 0;) {
    const before = left;
    for await (const { seq } of await consumer.fetch({
      max_messages: Math.min(BATCH, left),
      expires: WAIT_MS,
    })) {
      left--;
      yield seq;
    }
    // Nothing came, and nothing is on its way: the rest is missing.
    if (left === before && (await consumer.info()).num_pending === 0) return;
  }
}
