import { outcomeKey, type ReplayedAuction, replayStream } from "../../support/replay.ts";
import { checkFeed } from "./check-feed.ts";
import { checkResult } from "./check-result.ts";
import { checkStored } from "./check-stored.ts";
import { checkOrder, checkTold } from "./check-told.ts";
import { creationIn } from "./creation.ts";
import type { Evidence, Finding } from "./evidence.ts";

/** What was looked at, so that a check that saw nothing shows. */
export interface Looked {
  readonly messages: number;
  /** Bids that the log has decided, retries not counted. */
  readonly bids: number;
  /** Commands in the log that were only retries of another one. */
  readonly retries: number;
  /** Commands that clients were answered. */
  readonly told: number;
  /** Commands whose client has neither an outcome nor a refusal. */
  readonly unanswered: number;
  /** Bids that were refused as too late "without being queued", which the log holds and refuses as too late as well. */
  readonly queuedAfterAll: number;
  readonly frames: number;
  /** Connections of watchers that resumed and were given a snapshot instead of what they had missed. */
  readonly snapshots: number;
  readonly isDrop: boolean;
  readonly isClosed: boolean;
}

export interface AuctionCheck {
  readonly findings: readonly Finding[];
  readonly looked: Looked;
}

/** Compares everything that is known of one auction with an independent replay of its log. Pure. */
export function checkAuction(evidence: Evidence): AuctionCheck {
  const { auctionId, messages, appliedSeq, parkedSeqs, told, feed } = evidence;
  const findings: Finding[] = [];
  const find = (word: Finding["word"], what: string): void => void findings.push({ word, auctionId, what });
  const decided = messages.filter(({ seq }) => seq <= appliedSeq && !parkedSeqs.has(seq));
  const replay = replayStream(decided).get(auctionId) ?? NOTHING;
  checkStored(evidence, replay, find);
  checkResult(evidence, replay, find);
  checkTold(told, replay, find);
  checkOrder(told, replay, find);
  const frames = checkFeed(feed, { replay, aliasSalt: creationIn(messages)?.aliasSalt ?? "" }, find);
  const bids = replay.decisions.filter(({ kind }) => kind === "bid");
  const looked: Looked = {
    messages: messages.length,
    bids: bids.filter(({ outcome }) => outcome !== "duplicate").length,
    retries: bids.filter(({ outcome }) => outcome === "duplicate").length,
    told: told.filter(({ answers }) => answers.length > 0).length,
    unanswered: told.filter((command) => !isSettled(command)).length,
    queuedAfterAll: told.filter((command) => command.refusal !== undefined && isLogged(command, replay))
      .length,
    frames,
    snapshots: feed.filter((line) => "watched" in line && isResumedBySnapshot(line.watched)).length,
    isDrop: replay.terms?.format === "drop",
    isClosed: replay.status === "closed" || replay.status === "cancelled",
  };
  return { findings, looked };
}

const isSettled = ({ answers, refusal, created }: Evidence["told"][number]): boolean =>
  answers.length > 0 || refusal !== undefined || created === true;

const isLogged = ({ kind, actorId, key }: Evidence["told"][number], replay: ReplayedAuction): boolean =>
  replay.outcomes.has(outcomeKey(kind, actorId, key));

const isResumedBySnapshot = ({ since, frame }: { since?: number; frame: { type: string } }): boolean =>
  since !== undefined && frame.type === "snapshot";

/** An auction that is in no log. */
const NOTHING = emptyReplay();

function emptyReplay(): ReplayedAuction {
  const tick = new TextEncoder().encode(
    JSON.stringify({ v: 1, id: "nothing", origin: "", commands: [{ type: "tick" }] }),
  );
  const replay = replayStream([{ seq: 1, timestampMs: 0, auctionId: "nothing", data: tick }]).get("nothing");
  if (replay === undefined) throw new Error("the replay of a tick on no auction is empty");
  return { ...replay, decisions: [], outcomes: new Map() };
}
