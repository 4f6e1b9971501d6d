import { auctionIdOfSubject } from "../../../shared/subjects.ts";
import type { LoggedMessage } from "./command-log.ts";
import { readEnvelope } from "./read-envelope.ts";
import type { LogMessage } from "../slot-book.ts";

/** A message of a commands stream as the sequencer sees it. Never throws. */
export function readMessage({ seq, atMs, subject, data }: LoggedMessage): LogMessage {
  const auctionId = auctionIdOfSubject(subject);
  const envelope = readEnvelope(auctionId, data);
  return { seq, atMs, subject, auctionId, envelope, data: envelope.fault === undefined ? undefined : data };
}
