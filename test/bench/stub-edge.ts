import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { LIVE_PROTOCOL } from "../../shared/frames.ts";

/** What the stub does with a bid, by its key. */
export type StubBehaviour = (
  key: string,
) => "accept" | "too_low" | "close_auction" | "ignore" | "refuse" | "stall";

export interface StubEdge {
  readonly url: string;
  readonly bids: () => number;
  close(): Promise<void>;
}

/** How long a stalled bid waits for its outcome; the ones behind it do not wait. */
export const STALL_MS = 300;

/** Speaks as much of the edge's protocols as the load generators use, and misbehaves on request. */
export async function startStubEdge(behave: StubBehaviour): Promise<StubEdge> {
  let bids = 0;
  const answer = (key: string, reply: (body: object, status: number) => void): void => {
    const outcome = { key, bidId: `bid-${bids}`, seq: ++bids, index: 0, at: 0, version: bids, price: 1 };
    switch (behave(key)) {
      case "accept":
        return reply({ ...outcome, type: "outcome", outcome: "accepted" }, 201);
      case "too_low":
        return reply({ ...outcome, type: "outcome", outcome: "rejected", reason: "bid_too_low" }, 409);
      case "close_auction":
        return reply({ ...outcome, type: "outcome", outcome: "rejected", reason: "auction_closed" }, 409);
      case "refuse":
        return reply({ type: "error", reason: "overloaded", key, queued: false }, 503);
      case "stall":
        return void setTimeout(
          () => reply({ ...outcome, type: "outcome", outcome: "accepted" }, 201),
          STALL_MS,
        );
      case "ignore":
        return;
    }
  };
  const server = createServer((request, response) => void onPost(request, response, answer));
  const sockets = new WebSocketServer({ server, handleProtocols: () => LIVE_PROTOCOL });
  sockets.on("connection", (socket) => {
    socket.send(JSON.stringify({ type: "snapshot", version: 1, now: 0, auction: {} }));
    socket.on("message", (data) => {
      const frame = JSON.parse((data as Buffer).toString()) as { key: string };
      answer(frame.key, (body) => socket.send(JSON.stringify(body)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bids: () => bids,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function onPost(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (key: string, reply: (body: object, status: number) => void) => void,
): Promise<void> {
  request.resume();
  await new Promise((resolve) => request.once("end", resolve));
  answer(String(request.headers["idempotency-key"]), (body, status) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
}
