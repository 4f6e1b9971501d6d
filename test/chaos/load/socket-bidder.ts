import { BEARER_PROTOCOL_PREFIX, LIVE_PROTOCOL } from "../../../shared/frames.ts";
import type { ServerFrame } from "../../../shared/frames.ts";
import { type BidderPlace, goesOn, newBid, thinkMs } from "./bidder-place.ts";
import { answerIn } from "./http-client.ts";
import { count, type LoadContext, sleep } from "./load-context.ts";
import { type Pursuit, RETRY_EVERY_MS } from "./pursuit.ts";

/** Bids of one bidder that may be without an outcome at once, on one connection. */
const IN_FLIGHT = 4;

/** Updates are what a socket is sent most of; the room's watcher reads them. */
const UPDATE_PREFIX = '{"type":"update"';

const OPEN_TIMEOUT_MS = 10_000;

/** A bid without an answer for so long is sent again on the same socket: its outcome may have died with a gateway. */
const SILENT_MS = 10_000;

interface Underway {
  readonly pursuit: Pursuit;
  sentMs: number;
}

/** Bids over a WebSocket, a few at a time; what is without an outcome when a connection is lost is sent on the next one. */
export async function bidOverSocket(context: LoadContext, place: BidderPlace): Promise<void> {
  const underway = new Map<string, Underway>();
  let made = 0;
  for (let connection = 1; goesOn(context, place) || underway.size > 0; connection++) {
    if (Date.now() > context.giveUpAtMs) break;
    const session = await openSession(context, { place, underway, name: `${place.name}.${connection}` });
    if (session === undefined) {
      await sleep(RETRY_EVERY_MS);
      continue;
    }
    for (const { pursuit } of underway.values()) session.send(pursuit);
    while (session.isOpen() && (goesOn(context, place) || underway.size > 0)) {
      if (Date.now() > context.giveUpAtMs) break;
      if (goesOn(context, place) && underway.size < IN_FLIGHT) {
        const pursuit = newBid(context, place, ++made);
        underway.set(pursuit.told.key, { pursuit, sentMs: 0 });
        session.send(pursuit);
      }
      await sleep(thinkMs(context));
      for (const { pursuit, sentMs } of underway.values()) {
        if (Date.now() - sentMs < SILENT_MS) continue;
        context.figures.silent++;
        session.send(pursuit);
      }
    }
    if (!session.isOpen()) context.figures.socketsLost++;
    session.close();
  }
  for (const { pursuit } of underway.values()) pursuit.abandon();
}

interface Session {
  send(pursuit: Pursuit): void;
  isOpen(): boolean;
  close(): void;
}

interface SessionOptions {
  readonly place: BidderPlace;
  readonly underway: Map<string, Underway>;
  readonly name: string;
}

/** Resolves with the connection once it has its first frame, undefined when it could not be had. */
function openSession(context: LoadContext, options: SessionOptions): Promise<Session | undefined> {
  const { place, underway, name } = options;
  const url = `${context.job.edgeUrl.replace(/^http/, "ws")}/v1/auctions/${place.auctionId}/live`;
  const socket = new WebSocket(url, [LIVE_PROTOCOL, `${BEARER_PROTOCOL_PREFIX}${place.token}`]);
  let places = 0;
  const session: Session = {
    isOpen: () => socket.readyState === WebSocket.OPEN,
    close: () => socket.close(),
    send(pursuit) {
      const entry = underway.get(pursuit.told.key);
      if (entry === undefined || !session.isOpen()) return;
      entry.sentMs = Date.now();
      pursuit.sent(name, ++places);
      socket.send(JSON.stringify({ type: "bid", key: pursuit.told.key, ...pursuit.body }));
    },
  };

  const onFrame = (frame: ServerFrame): void => {
    if (frame.type !== "outcome" && frame.type !== "error") return;
    const pursuit = frame.key === undefined ? undefined : underway.get(frame.key)?.pursuit;
    if (pursuit === undefined) return;
    const again = (): void => session.send(pursuit);
    if (frame.type === "outcome") pursuit.answered(answerIn(frame, "socket"));
    else {
      count(context.figures, `frame ${frame.reason}`);
      const isFinal = frame.queued === false && frame.reason !== "not_queued";
      if (isFinal) pursuit.refused({ gotMs: Date.now(), reason: frame.reason });
      else setTimeout(again, RETRY_EVERY_MS);
    }
    if (pursuit.wantsAgain()) again();
    else if (pursuit.isOver) underway.delete(pursuit.told.key);
  };

  return new Promise((resolve) => {
    const slow = setTimeout(() => socket.close(), OPEN_TIMEOUT_MS);
    const settle = (opened: Session | undefined): void => {
      clearTimeout(slow);
      resolve(opened);
    };
    socket.addEventListener("message", ({ data }) => {
      const text = String(data);
      if (!text.startsWith(UPDATE_PREFIX)) onFrame(JSON.parse(text) as ServerFrame);
      settle(session);
    });
    socket.addEventListener("error", () => settle(undefined));
    socket.addEventListener("close", () => settle(undefined));
  });
}
