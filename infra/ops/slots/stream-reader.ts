import type { CommandLog, LoggedMessage } from "../../../core/sequencer/log/command-log.ts";
import { createGapFinder, type GapFinder } from "../../../core/sequencer/log/jetstream-gaps.ts";
import { createJetStreamLog } from "../../../core/sequencer/log/jetstream-log.ts";
import { givenUp, givenUpKey } from "../../../core/sequencer/log/streams.ts";
import { commandsOfSlot, SLOTS_CHANGED_SUBJECT } from "../../../shared/subjects.ts";
import { streamPages, type Streams, withStreams } from "../stream-pages.ts";

/** The streams as they are, for an operator who looks at them. Sequences are the stream's. */
export interface StreamReader extends Pick<CommandLog, "bounds" | "message">, GapFinder {
  /** The stream that carries the slot's commands. Throws when none does. */
  streamOf(slot: number): Promise<string>;
  /** What can be read of the slot's messages from `fromSeq` on, in pages. */
  messagesOf(slot: number, from: { stream: string; fromSeq: number }): AsyncIterable<LoggedMessage[]>;
  /** Cores take no notice any more of what the stream has lost of the slot's messages up to there; 0: of everything again. */
  giveUp(stream: string, slot: number, upToSeq: number): Promise<void>;
  /** Cores look at once for slots that are free. */
  tellCores(): Promise<void>;
}

/** Runs `work` on a connection of its own and closes it after it. */
export const withStreamReader = <T>(
  servers: readonly string[],
  work: (streams: StreamReader) => Promise<T>,
): Promise<T> => withStreams(servers, (streams) => work(streamReader(streams)));

function streamReader(deps: Streams): StreamReader {
  const { nc, jsm } = deps;
  return {
    ...createJetStreamLog(deps),
    ...createGapFinder(deps),
    async streamOf(slot) {
      try {
        return await jsm.streams.find(commandsOfSlot(slot));
      } catch (cause) {
        throw new Error(`no stream carries slot ${slot}; a core makes it when it starts`, { cause });
      }
    },
    messagesOf: (slot, from) => streamPages(deps, { subject: commandsOfSlot(slot), ...from }),
    async giveUp(stream, slot, upToSeq) {
      const { config } = await jsm.streams.info(stream);
      if (givenUp(config, slot) === upToSeq) return;
      const metadata = { ...config.metadata, [givenUpKey(slot)]: String(upToSeq) };
      await jsm.streams.update(stream, { metadata });
    },
    async tellCores() {
      nc.publish(SLOTS_CHANGED_SUBJECT);
      await nc.flush();
    },
  };
}
