import {
  CREDIT,
  CREDIT_EVERY_FRAMES,
  HURRY,
  LEAVE,
  PUBLISH,
  PUBLISH_URGENT,
  SLEEP,
} from "../link/pipe-protocol.ts";

/** Lines that wait while the pipe opens. */
const MAX_LINES_BEFORE_OPEN = 512;

export interface PipeDeps {
  /** Connects to the auction's link, which registers this gateway for the auction's results. */
  open(): Promise<WebSocket>;
  line(line: string): void;
  /** Every line of a frame has been handed over. */
  frameDone(): void;
  /** The pipe broke, or could not be opened: what was given to it is in doubt, or certainly lost. */
  lost(everOpen: boolean): void;
}

export interface Pipe {
  /** Resolves once the link listens to the auction's results for this gateway; false when the link cannot be reached. */
  ready(): Promise<boolean>;
  /** `urgent` when somebody waits for the ack itself. */
  publish(envelopeId: string, payload: string, urgent: boolean): void;
  /** Somebody has come to wait for an ack. */
  hurry(): void;
  /** Closes the pipe without losing what is in it: to sleep (results then come as calls), or to leave for good. */
  rest(how: "sleep" | "leave"): void;
}

/** The gateway's end of its pipe to the link; opened by its first use, and again after a break. */
export function createPipe(deps: PipeDeps): Pipe {
  let socket: WebSocket | undefined;
  let opening: Promise<boolean> | undefined;
  let before: string[] = [];

  const receive = (from: WebSocket): void => {
    let frames = 0;
    from.addEventListener("message", (event) => {
      const text = event.data as string;
      if (text.includes("\n")) for (const line of text.split("\n")) deps.line(line);
      else deps.line(text);
      deps.frameDone();
      if (++frames % CREDIT_EVERY_FRAMES === 0 && socket === from)
        from.send(`${CREDIT}${CREDIT_EVERY_FRAMES}`);
    });
    const gone = (): void => {
      if (socket !== from) return;
      socket = undefined;
      deps.lost(true);
    };
    from.addEventListener("close", gone);
    from.addEventListener("error", gone);
  };

  const open = async (): Promise<boolean> => {
    try {
      const fresh = await deps.open();
      receive(fresh);
      fresh.accept();
      socket = fresh;
      for (const line of before) fresh.send(line);
      before = [];
      return true;
    } catch (error) {
      console.warn(
        JSON.stringify({ level: "warn", msg: "the link cannot be reached", error: String(error) }),
      );
      before = [];
      deps.lost(false);
      return false;
    } finally {
      opening = undefined;
    }
  };

  const ready = (): Promise<boolean> => {
    if (socket !== undefined) return Promise.resolve(true);
    opening ??= open();
    return opening;
  };

  return {
    ready,
    publish(envelopeId, payload, urgent) {
      const lines = `${urgent ? PUBLISH_URGENT : PUBLISH}${envelopeId}\n${payload}`;
      if (socket !== undefined) return socket.send(lines);
      if (before.length >= MAX_LINES_BEFORE_OPEN) return;
      before.push(lines);
      void ready();
    },
    hurry: () => socket?.send(HURRY),
    rest(how) {
      const resting = socket;
      if (resting === undefined) return;
      socket = undefined;
      if (how === "leave") resting.send(LEAVE);
      resting.send(SLEEP);
    },
  };
}

/** Connects a gateway to its auction's link. */
export async function openPipe(
  link: Pick<Fetcher, "fetch">,
  auctionId: string,
  gateway: string,
): Promise<WebSocket> {
  const query = new URLSearchParams({ auction: auctionId, gateway });
  const response = await link.fetch(`https://link/pipe?${query.toString()}`, {
    headers: { upgrade: "websocket" },
  });
  if (response.webSocket === null) throw new Error(`the link refused the pipe with ${response.status}`);
  return response.webSocket;
}
