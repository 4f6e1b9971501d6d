import { commandsOfSlot, commandSubject } from "../../../shared/subjects.ts";
import { streamPages, type Streams, withStreams } from "../stream-pages.ts";
import type { StoredState } from "./stored-auction.ts";

/** A message of an auction's log, in its slot's own sequence. */
export interface LoggedEnvelope {
  readonly seq: number;
  readonly atMs: number;
  readonly data: Uint8Array;
}

/** One auction's log, read once from its beginning. What was parked without a decision is passed over. */
export interface AuctionLog {
  /** The next message, if it stands at `seq` or before. */
  nextUpTo(seq: number): Promise<LoggedEnvelope | undefined>;
  /** Whether the stream still reaches back to a sequence. */
  mustHave(seq: number): boolean;
  close(): Promise<unknown>;
}

export type AuctionLogs = (auctionId: string, state: StoredState) => Promise<AuctionLog>;

/** Runs `work` with the logs of the cluster's streams, which are only read. */
export const withAuctionLogs = <T>(
  servers: readonly string[],
  work: (logs: AuctionLogs) => Promise<T>,
): Promise<T> =>
  withStreams(servers, (streams) => work((auctionId, state) => openLog(streams, auctionId, state)));

async function openLog(
  streams: Streams,
  auctionId: string,
  { slot, seqBase, parked }: StoredState,
): Promise<AuctionLog> {
  const subject = commandSubject(slot, auctionId);
  const stream = await streams.jsm.streams.find(commandsOfSlot(slot));
  const { state } = await streams.jsm.streams.info(stream);
  const pages = streamPages(streams, { stream, subject, fromSeq: 1 });
  let page: readonly LoggedEnvelope[] = [];
  let place = 0;
  let ended = false;

  /** The next page; what was parked is left out. */
  const readPage = async (): Promise<void> => {
    page = [];
    place = 0;
    while (page.length === 0 && !ended) {
      const next = await pages.next();
      if (next.done === true) ended = true;
      else
        page = next.value
          .map(({ seq, atMs, data }) => ({ seq: seq + seqBase, atMs, data }))
          .filter(({ seq }) => !parked.has(seq));
    }
  };

  return {
    async nextUpTo(seq) {
      if (place === page.length && !ended) await readPage();
      const next = page[place];
      if (next === undefined || next.seq > seq) return undefined;
      place++;
      return next;
    },
    mustHave: (seq) => seq - seqBase >= Math.max(1, state.first_seq),
    close: () => pages.return(),
  };
}
