/**
 * What a gateway and its link say to each other over their pipe, an in-datacentre WebSocket.
 *
 * A call between two Durable Objects costs 50–100 µs, a message on an open socket a tenth of that, and a lukewarm
 * auction moves one envelope at a time: so both directions are text frames of lines. JSON never contains a raw
 * newline, so a line is a letter and its content.
 */

/** gateway → link: publish; the envelope's id, and the envelope itself on the next line. */
export const PUBLISH = "P";
/** The same, from a gateway whose lane is waiting for the ack; another's ack may come with the result, in one frame. */
export const PUBLISH_URGENT = "Q";
/** gateway → link: I wait for the acks after all. */
export const HURRY = "W";
/** gateway → link: this many more frames have been processed. */
export const CREDIT = "K";
/** gateway → link: nobody listens here any more; end the registration. */
export const LEAVE = "L";

/** gateway → link: I am about to sleep; close this pipe after what is in it, and call me when something happens. */
export const SLEEP = "H";

/** link → gateway: `<envelope id> <sequence>`: the stream has it, fsynced. */
export const ACKED = "A";
/** link → gateway: `<envelope id>`: it certainly is in no stream. */
export const NOT_QUEUED = "N";
/** link → gateway: `<envelope id>`: it may be in the stream. */
export const UNKNOWN = "U";
/** link → gateway: a result, as the core published it. */
export const RESULT = "R";
/** link → gateway: results may have been missed; fetch the changes. */
export const RESYNC = "S";

/**
 * How long an ack that nobody waits for may wait for the result to travel with. A gateway that comes to wait for it says
 * so; a call that will give up sooner than this says so from the start.
 */
export const LAZY_ACK_MS = 500;
/** A gateway returns credit after this many frames. */
export const CREDIT_EVERY_FRAMES = 32;
/** Frames on their way to one gateway before the next ones collect: a stalled gateway must not fill the link's memory. */
export const MAX_FRAMES_UNDERWAY = 256;
/** Lines that collect for one gateway; beyond them they are dropped and the gateway resyncs. */
export const MAX_LINES_WAITING = 4_096;
/** The same in characters: a result with its events and outcomes may have a hundred thousand. */
export const MAX_WAITING_LENGTH = 8 * 1_048_576;

export type PublishFate = typeof ACKED | typeof NOT_QUEUED | typeof UNKNOWN;

export function ackedLine(envelopeId: string, seq: number): string {
  return `${ACKED}${envelopeId} ${seq}`;
}

/** Reads `<id> <seq>`. */
export function readAcked(line: string): { envelopeId: string; seq: number } {
  const space = line.indexOf(" ");
  return { envelopeId: line.slice(1, space), seq: Number(line.slice(space + 1)) };
}
