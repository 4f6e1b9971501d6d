import { bidIdFor } from "../../shared/ids.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import { CoreUnavailableError, type CoreQueries } from "../reading/core-queries.ts";
import type { Dispatcher, Flight } from "./dispatcher.ts";
import { MAX_WAIT_MS } from "./http-waiters.ts";

export interface OverdueDeps {
  auctionId: string;
  queries: CoreQueries;
  decided: Dispatcher["decided"];
  /** Brings the feed up to what the core has. */
  refresh(): Promise<unknown>;
  now(): number;
}

/**
 * The result of an envelope is overdue: it may have been missed, so the core is asked for the outcome of each of its bids.
 *
 * The core can be asked for bids only. Other commands (a create, what sellers and operators do) come over HTTP, and their
 * callers get a 202 with the key when their patience ends; what the command did, the refreshed feed shows. An envelope
 * with nothing but such commands is let go once nobody can wait for it any more.
 */
export async function askForOverdue(flight: Flight, deps: OverdueDeps): Promise<void> {
  if (flight.commands.every(({ kind }) => kind !== "bid")) {
    await deps.refresh();
    if (deps.now() - flight.firstSentAt > MAX_WAIT_MS) deps.decided(flight.id, []);
    return;
  }
  const outcomes: (Outcome | null)[] = [];
  for (const command of flight.commands) {
    if (command.kind !== "bid") {
      outcomes.push(null);
      continue;
    }
    const outcome = await outcomeOf(bidIdFor(deps.auctionId, command.actorId, command.key), deps);
    // An envelope is committed as a whole: if its first bid is not decided, nothing of it is.
    if (outcome === null) return;
    outcomes.push(outcome);
  }
  deps.decided(flight.id, outcomes);
  await deps.refresh();
}

async function outcomeOf(bidId: string, { queries, auctionId }: OverdueDeps): Promise<Outcome | null> {
  try {
    return (await queries.ask("bid", { auctionId, bidId }))?.outcome ?? null;
  } catch (error) {
    if (!(error instanceof CoreUnavailableError)) throw error;
    return null;
  }
}
