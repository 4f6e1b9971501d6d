import type { Auction } from "../../core/auction/auction.ts";
import { renderEvent, renderLive } from "../../core/auction/render.ts";
import { readMessage } from "../../core/sequencer/log/read-message.ts";
import { createSlotBook, type DecidedEnvelope } from "../../core/sequencer/slot-book.ts";
import type { LoggedMessage } from "../../core/sequencer/log/command-log.ts";

/** A slot's log decided from the beginning, alone and undisturbed: what every run must come to (I2). */
export interface ReplayedSlot {
  readonly decided: readonly DecidedEnvelope[];
  /** What watchers may see at the versions at which an envelope ended, by `<auctionId>/<version>`. */
  readonly live: ReadonlyMap<string, string>;
  /** The public event of each version, likewise. */
  readonly events: ReadonlyMap<string, string>;
}

export async function replaySlot(messages: readonly LoggedMessage[]): Promise<ReplayedSlot> {
  const book = createSlotBook({
    loadAuctions: (ids) =>
      Promise.resolve(ids.map((auctionId) => ({ auctionId, auction: null, atMs: 0, chain: "", keys: [] }))),
    loadKeys: () => Promise.resolve(new Map()),
    loadDecisions: () => Promise.resolve([]),
  });
  const decided: DecidedEnvelope[] = [];
  const live = new Map<string, string>();
  const events = new Map<string, string>();
  for (const logged of messages) {
    const message = readMessage(logged);
    await book.prepare([message]);
    const envelope = book.decide(message);
    decided.push(envelope);
    const { auction } = envelope.decision;
    if (auction === null) continue;
    live.set(`${auction.id}/${auction.version}`, JSON.stringify(renderLive(auction)));
    addEvents(events, envelope, auction);
  }
  return { decided, live, events };
}

function addEvents(events: Map<string, string>, { decision }: DecidedEnvelope, auction: Auction): void {
  let version = decision.fromVersion;
  for (const entry of decision.entries) {
    for (const event of entry.events ?? []) {
      const rendered = renderEvent(event, ++version, auction.aliasSalt);
      events.set(`${auction.id}/${version}`, JSON.stringify(rendered));
    }
  }
}
