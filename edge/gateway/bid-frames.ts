import type { BidCommand } from "../../shared/commands.ts";
import { fieldErrorsOf } from "../field-errors.ts";
import { clientFrameSchema, MAX_FRAME_BYTES, type ClientFrame } from "../../shared/frames.ts";

export type BidFrame = Extract<ClientFrame, { type: "bid" }>;

export type ReadFrame =
  | { frame: ClientFrame }
  | { reason: "body_too_large" | "malformed_json" | "invalid_request"; detail?: string; key?: string };

/** Reads what a client sent; a bid that is refused is named by its key, if it had one. */
export function readFrame(message: string | ArrayBuffer): ReadFrame {
  if (typeof message !== "string") return { reason: "malformed_json", detail: "frames are text" };
  if (message.length > MAX_FRAME_BYTES) return { reason: "body_too_large" };
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return { reason: "malformed_json" };
  }
  const parsed = clientFrameSchema.safeParse(value);
  if (parsed.success) return { frame: parsed.data };
  const [fault] = fieldErrorsOf(parsed.error.issues);
  const detail = fault === undefined ? "does not fit its schema" : `${fault.pointer}: ${fault.message}`;
  const key = keyOf(value);
  return { reason: "invalid_request", detail, ...(key === undefined ? {} : { key }) };
}

/** A bid command as JSON. The canonical body is whatever the frame holds beside its type and key. */
export function bidCommandJson(bidderId: string, frame: BidFrame, trace?: string): string {
  const { type: _type, key, ...body } = frame;
  const command: BidCommand = { type: "bid", bidderId, key, body };
  if (trace !== undefined) command.trace = trace;
  return JSON.stringify(command);
}

function keyOf(value: unknown): string | undefined {
  const key = typeof value === "object" && value !== null && "key" in value ? value.key : undefined;
  return typeof key === "string" && key.length <= 64 ? key : undefined;
}
