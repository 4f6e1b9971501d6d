import { setTimeout as sleep } from "node:timers/promises";
import { newTotals, openChecker, type CheckAddresses } from "./check/checker.ts";
import type { FaultWord } from "./check/evidence.ts";

/** Between two auctions: the check shares the machine with what it watches. */
const PAUSE_MS = 200;

/** A check that a fault has broken is tried again later, this often at most; the check of everything comes at the end. */
const ATTEMPTS = 10;

/** A server that is away would hold a question for long. */
const CHECK_TIMEOUT_MS = 20_000;

export interface LiveCheck {
  readonly found: Readonly<Record<FaultWord, number>>;
  /** An auction that nobody bids on any more. */
  add(auctionIds: readonly string[]): void;
  stop(): Promise<void>;
}

/** Checks auctions as they end, so that a long run shows early what it will find. */
export async function startLiveCheck(
  addresses: CheckAddresses,
  say: (text: string) => void,
): Promise<LiveCheck> {
  const { counts: found } = newTotals();
  const checker = await openChecker(addresses);
  const waiting: { auctionId: string; attempts: number }[] = [];
  let stopped = false;

  const checkNext = async (): Promise<void> => {
    const next = waiting.shift();
    if (next === undefined) return;
    try {
      const { findings } = await within(checker.check(next.auctionId));
      for (const { word, auctionId, what } of findings) {
        found[word]++;
        say(`${word}: ${auctionId}: ${what}`);
      }
    } catch {
      // A server is away; the check of everything at the end does not let that pass.
      if (++next.attempts < ATTEMPTS) waiting.push(next);
    }
  };

  const running = (async () => {
    while (!stopped) {
      await checkNext();
      await sleep(PAUSE_MS);
    }
  })();
  return {
    found,
    add: (auctionIds) => void waiting.push(...auctionIds.map((auctionId) => ({ auctionId, attempts: 0 }))),
    async stop() {
      stopped = true;
      await running;
      await within(checker.close()).catch(() => {});
    },
  };
}

async function within<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {}); // After the limit nobody waits for it.
  const limit = new AbortController();
  const late = sleep(CHECK_TIMEOUT_MS, undefined, { signal: limit.signal }).then(() =>
    Promise.reject(new Error("a check took too long")),
  );
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    limit.abort();
  }
}
