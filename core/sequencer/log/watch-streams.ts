import type { JetStreamManager } from "@nats-io/jetstream";
import { commandStream } from "../../../shared/subjects.ts";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import type { CoreMetrics } from "../../telemetry.ts";

export interface WatchStreamsDeps {
  readonly jsm: JetStreamManager;
  readonly streams: number;
  readonly clock: Clock;
  readonly metrics: CoreMetrics;
  readonly log: Log;
}

/** A stream that takes 100 MB a second is looked at often enough to alarm long before it is full. */
const LOOK_EVERY_MS = 2_000;
/** From this part of its bytes on a stream of commands is worth a line in the log. */
const ALARM_AT = 0.9;
/** How often that line is repeated while the stream stays so full. */
const ALARM_EVERY_MS = 60_000;

/** Keeps the gauge of how full each stream of commands is: at 1 it refuses every bid of its slots. */
export function watchStreams(deps: WatchStreamsDeps): { stop(): void } {
  const alarmedAtMs = new Map<number, number>();
  let looking = false;

  const look = async (stream: number): Promise<void> => {
    const name = commandStream(stream);
    const { config, state } = await deps.jsm.streams.info(name);
    if (config.max_bytes <= 0) return;
    const fill = state.bytes / config.max_bytes;
    deps.metrics.streamFill.record(fill, { stream: name });
    const now = deps.clock.now();
    if (fill < ALARM_AT || now - (alarmedAtMs.get(stream) ?? Number.NEGATIVE_INFINITY) < ALARM_EVERY_MS)
      return;
    alarmedAtMs.set(stream, now);
    deps.log.error("a stream of commands is nearly full; full it refuses every bid of its slots", {
      stream: name,
      bytes: state.bytes,
      maxBytes: config.max_bytes,
    });
  };

  const lookAll = async (): Promise<void> => {
    // A server that does not answer must not collect looks.
    if (looking) return;
    looking = true;
    for (let stream = 0; stream < deps.streams; stream++)
      await look(stream).catch((error: unknown) =>
        deps.log.warn("a stream cannot be looked at", { stream: commandStream(stream), error }),
      );
    looking = false;
  };

  const timer = setInterval(() => void lookAll(), LOOK_EVERY_MS);
  void lookAll();
  return { stop: () => clearInterval(timer) };
}
