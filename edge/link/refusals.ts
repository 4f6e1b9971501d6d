import { count } from "../telemetry/counters.ts";
import type { Refusal } from "./publisher.ts";

/** One line so often for each stream and reason: a full stream refuses thousands of envelopes a second. */
const LOG_EVERY_MS = 1_000;
/** JetStream's `err_code` of a stream at its `max_bytes`, which then takes nothing new. */
const STREAM_FULL = 10_077;

/** Tells operators what a stream refuses and why: a line in the log now and then, and a counter of `GET /v1/health`. */
export interface Refusals {
  note(stream: string, refusal: Refusal): void;
}

export function createRefusals(now: () => number): Refusals {
  /** By stream and reason; both are few. */
  const lines = new Map<string, { loggedAt: number; since: number }>();
  return {
    note(stream, { code, description }) {
      const name = `${stream} ${code}`;
      count(code === STREAM_FULL ? "envelopes_refused_stream_full" : "envelopes_refused");
      const line = lines.get(name) ?? { loggedAt: Number.NEGATIVE_INFINITY, since: 0 };
      lines.set(name, line);
      line.since++;
      if (now() - line.loggedAt < LOG_EVERY_MS) return;
      console.error(
        JSON.stringify({
          level: "error",
          msg: "a stream refuses envelopes",
          stream,
          code,
          reason: description,
          refused: line.since,
          ...(code === STREAM_FULL
            ? { hint: "raise LASTCALL_STREAM_MAX_BYTES, or purge what is committed" }
            : {}),
        }),
      );
      line.loggedAt = now();
      line.since = 0;
    },
  };
}
