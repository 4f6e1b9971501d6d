import { slotOf } from "../../../shared/slots.ts";
import { commandStream, commandSubject, DEFAULT_STREAMS, streamOf } from "../../../shared/subjects.ts";
import { replayStream, type ReplayedAuction } from "../../support/replay.ts";
import type { StackAddress } from "../../support/stack.ts";
import { readStream } from "./read-stream.ts";

/** Slots of every stack of the tests: the default. */
export const SLOTS = 64;

/** What the log says of one auction, by the independent replay. */
export interface Truth {
  readonly auction: ReplayedAuction;
  /** From the create command, for the aliases of the bidders. */
  readonly aliasSalt: string;
  /** What was logged, as it was logged. */
  readonly commands: readonly Record<string, unknown>[];
}

/** Replays an auction's commands as they stand in the log now. */
export async function truthOf({ info }: StackAddress, auctionId: string): Promise<Truth> {
  const slot = slotOf(auctionId, SLOTS);
  const stream = commandStream(streamOf(slot, DEFAULT_STREAMS));
  const messages = await readStream(info.nats, stream, commandSubject(slot, auctionId));
  const auction = replayStream(messages.map((message) => ({ ...message, auctionId }))).get(auctionId);
  if (auction === undefined) throw new Error(`auction ${auctionId} is in no log`);
  const commands = messages.flatMap(({ data }) => commandsIn(new TextDecoder().decode(data)));
  const aliasSalt = String(commands.find(({ type }) => type === "create")?.["aliasSalt"]);
  return { auction, aliasSalt, commands };
}

/** None, of a message that is no envelope. */
function commandsIn(message: string): Record<string, unknown>[] {
  try {
    return (JSON.parse(message) as { commands: Record<string, unknown>[] }).commands;
  } catch {
    return [];
  }
}
