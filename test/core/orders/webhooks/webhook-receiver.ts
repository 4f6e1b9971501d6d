import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { OrderEvent } from "../../../../shared/orders.ts";

/** One request as a receiver got it. */
export interface Received {
  readonly id: string;
  readonly auctionId: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** A status, with headers or after a while; `hang`: no answer ever. */
export type Reply =
  | number
  | { readonly status: number; readonly headers?: Record<string, string>; readonly afterMs?: number }
  | "hang";

/** A real HTTP server that takes webhooks. */
export interface Receiver {
  readonly url: string;
  /** Everything that was sent to it, whatever it answered. */
  readonly received: Received[];
  /** What it took, by id, each for the first time: what is left when a receiver drops what it has seen. */
  readonly taken: Received[];
  /** How it answers; 200 until told otherwise. */
  answer: (received: Received) => Reply | Promise<Reply>;
  /** As if it had died: connections break, new ones are refused. */
  die(): Promise<void>;
  /** At the same address. */
  revive(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  let server: Server | undefined;
  let port = 0;
  const receiver: Receiver = {
    get url() {
      return `http://127.0.0.1:${port}/hook`;
    },
    received: [],
    taken: [],
    answer: () => 200,
    async die() {
      const dying = server;
      dying?.closeAllConnections();
      await new Promise<void>((resolve) => (dying ? dying.close(() => resolve()) : resolve()));
      server = undefined;
    },
    async revive() {
      const born = createServer((request, response) => {
        let body = "";
        request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
        request.on("end", () => void take(receiver, { body, headers: request.headers }, response));
      });
      await new Promise<void>((resolve) => born.listen(port, "127.0.0.1", () => resolve()));
      ({ port } = born.address() as AddressInfo);
      server = born;
    },
  };
  await receiver.revive();
  return receiver;
}

async function take(
  receiver: Receiver,
  { body, headers }: Pick<Received, "body" | "headers">,
  response: ServerResponse,
): Promise<void> {
  const event = JSON.parse(body) as Partial<OrderEvent>;
  const id = String(headers["webhook-id"]);
  const received = { id, auctionId: event.order?.auctionId ?? "", body, headers };
  receiver.received.push(received);
  const reply = await receiver.answer(received);
  if (reply === "hang") return;
  const { status, headers: said = {}, afterMs = 0 } = typeof reply === "number" ? { status: reply } : reply;
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  if (response.destroyed) return;
  if (status < 300 && !receiver.taken.some((one) => one.id === id)) receiver.taken.push(received);
  response.writeHead(status, said).end();
}

/** The ids, by auction, in the order of arrival. */
export const byAuction = (received: readonly Received[]): Map<string, string[]> =>
  new Map(
    Array.from(
      Map.groupBy(received, ({ auctionId }) => auctionId),
      ([auctionId, all]) => [auctionId, all.map(({ id }) => id)],
    ),
  );
