import { toldEvents } from "../../integration/formats/told-events.ts";
import { dutchEnd } from "../../support/naive/dutch.ts";
import type { ReplayedAuction } from "../../support/replay.ts";
import type { FeedFrame, FeedLine } from "../told.ts";
import type { Find } from "./evidence.ts";

/** Fields of a frame that depend on the version alone, and can be told from the replay's story. */
interface ShownAt {
  readonly price: number | null;
  readonly status: string;
  readonly endsAt: number;
}

/**
 * What a watcher was shown: ranges that join without gap or overlap, over every reconnection; events and prices as the
 * log has them at that version; and in the end everything (I3, I8). Returns how many frames were looked at.
 */
export function checkFeed(
  lines: readonly FeedLine[],
  { replay, aliasSalt }: { replay: ReplayedAuction; aliasSalt: string },
  find: Find,
): number {
  const told = toldEvents({ auction: replay, aliasSalt, commands: [] });
  const prices = pricesByVersion(replay);
  const story = storyOf(replay);
  let version = 0;
  let frames = 0;
  for (const line of lines) {
    if ("end" in line) {
      const { reached, wanted } = line.end;
      if (reached < wanted)
        find("feed", `a watcher was told up to version ${reached}, the auction was at ${wanted}`);
      continue;
    }
    frames++;
    const { frame, connection } = line.watched;
    const where = `${connection}, version ${frame.version}`;
    if (frame.version > replay.version) {
      find("feed", `${where}: the auction has only ${replay.version}`);
      continue;
    }
    checkRange(frame, { version, where, isFirst: line.watched.since !== undefined }, find);
    version = frame.version;
    if (frame.events !== undefined) checkEvents(frame, told, (what) => find("feed", `${where}: ${what}`));
    const shown = frame.auction ?? frame;
    if (prices.has(frame.version) && shown["price"] !== prices.get(frame.version))
      find("feed", `${where}: another price than the log's`);
    const should = story[frame.version];
    if (shown["status"] !== should?.status)
      find("feed", `${where}: ${String(shown["status"])}, by the log ${should?.status}`);
    if (shown["endsAt"] !== should?.endsAt) find("feed", `${where}: another end than the log's`);
  }
  return frames;
}

/** A connection that resumes may begin with a snapshot, which has everything, but never with an older state. */
function checkRange(
  frame: FeedFrame,
  { version, where, isFirst }: { version: number; where: string; isFirst: boolean },
  find: Find,
): void {
  if (frame.type === "update") {
    if (frame.from !== version) find("feed", `${where}: the range begins at ${frame.from}, after ${version}`);
  } else if (version > 0 && !isFirst) find("feed", `${where}: a snapshot in the middle of a connection`);
  if (frame.version < version) find("feed", `${where}: a step back from ${version}`);
}

function checkEvents(
  { from = 0, version, events = [] }: FeedFrame,
  told: readonly Readonly<Record<string, unknown>>[],
  find: (what: string) => void,
): void {
  if (events.length !== version - from) return find(`${events.length} events for ${version - from} versions`);
  for (const [i, event] of events.entries()) {
    const should = told[from + i] ?? {};
    const wrong = Object.keys(should).find((field) => event[field] !== should[field]);
    if (wrong !== undefined)
      return find(`event ${String(event["version"])} has another ${wrong} than the log's`);
  }
}

/** The price after a command is the price at the version that it led to. */
const pricesByVersion = ({ decisions }: ReplayedAuction): ReadonlyMap<number, number | null> =>
  new Map(decisions.map(({ version, price }) => [version, price]));

/** Status and end at every version, from what the replay says has happened; at 0 there is nothing yet. */
function storyOf({ happenings, terms }: ReplayedAuction): Omit<ShownAt, "price">[] {
  const createdAt = happenings[0]?.at ?? 0;
  const startsAt = Math.max(terms?.startsAt ?? createdAt, createdAt);
  let status = startsAt > createdAt ? "scheduled" : "open";
  let endsAt = terms?.format === "dutch" ? dutchEnd(terms, startsAt) : (terms?.endsAt ?? 0);
  const story = [{ status, endsAt }];
  for (const { type, at, figure } of happenings) {
    if (type === "auction_opened") status = "open";
    if (type === "auction_extended" || type === "end_changed") endsAt = Number(figure);
    if (type === "auction_cancelled") status = "cancelled";
    if (type === "auction_closed") {
      status = "closed";
      endsAt = Math.min(endsAt, at);
    }
    story.push({ status, endsAt });
  }
  return story;
}
