import type { JsMsg } from "@nats-io/jetstream";
import { auctionIdOfSubject } from "../../shared/subjects.ts";
import { readEnvelope } from "./read-envelope.ts";
import type { LogMessage } from "./slot-book.ts";

/** What every delivered message has; the client's type leaves the reply subject out. */
export type DeliveredMessage = Pick<JsMsg, "subject" | "data" | "info"> & { readonly reply: string };

/** A message of a commands stream as the sequencer sees it. Never throws. */
export function readMessage(message: DeliveredMessage): LogMessage {
  const { subject, data } = message;
  const auctionId = auctionIdOfSubject(subject);
  const envelope = readEnvelope(auctionId, data);
  return {
    seq: message.info.streamSequence,
    atMs: millisOfReply(message.reply),
    subject,
    auctionId,
    envelope,
    data: envelope.fault === undefined ? undefined : data,
  };
}

/**
 * The stream's time in milliseconds, cut and never rounded: from the digits of the reply subject, since a float of
 * nanoseconds would round. `$JS.ACK.…<stream seq>.<consumer seq>.<nanoseconds>.<pending>[.<token>]` has 9 tokens,
 * or 11 and more where it names domain and account.
 */
function millisOfReply(reply: string): number {
  const tokens = reply.split(".");
  const nanos = tokens[tokens.length === 9 ? 7 : 9] ?? "";
  return Number(nanos.slice(0, -6));
}
