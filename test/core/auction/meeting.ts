import { expect } from "vitest";
import type { AuctionLog } from "../../support/auction-log.ts";
import type { ReplayedAuction } from "../../support/replay.ts";
import type { Story } from "./arbitraries.ts";
import {
  closing,
  decisionsOf,
  eventsOf,
  happeningOf,
  naiveClosing,
  naiveDecisionsOf,
  naiveOutcomesOf,
  outcomesOf,
} from "./comparing.ts";
import { decided, replayed } from "./telling.ts";

/** The product and the naive model agree on the story: on every decision, outcome and event, and on the auction at the end. */
export function expectAgreement(told: Story): { log: AuctionLog; naive: ReplayedAuction } {
  const log = decided(told);
  const naive = replayed(told);
  expect(decisionsOf(log)).toEqual(naiveDecisionsOf(naive));
  expect(outcomesOf(log)).toEqual(naiveOutcomesOf(naive));
  expect(eventsOf(log).map(happeningOf)).toEqual(naive.happenings);
  expect(closing(log.auction())).toEqual(naiveClosing(naive));
  return { log, naive };
}

/** What was met over many stories: a law would hold for stories in which nothing happens, too. */
export function newEncounters(): { meet(naive: ReplayedAuction): void; all(): string[] } {
  const met = new Map<string, number>();
  return {
    meet({ decisions, happenings, orders }) {
      const names = [
        ...decisions.map(({ kind, reason, outcome }) => `${kind} ${reason ?? outcome}`),
        ...happenings.map(({ type }) => `event ${type}`),
        ...orders.map(({ source, status }) => `order ${source} ${status}`),
      ];
      for (const name of new Set(names)) met.set(name, (met.get(name) ?? 0) + 1);
    },
    all: () => [...met.keys()].sort(),
  };
}
