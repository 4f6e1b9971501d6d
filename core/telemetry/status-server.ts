import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Log } from "../log.ts";

/** `ready`: serves what it should. The process is alive either way. */
export interface Health {
  readonly ready: boolean;
  readonly detail: object;
}

export interface StatusServerOptions {
  readonly port: number;
  readonly health: () => Health;
  readonly metrics: () => Promise<string>;
  readonly log: Log;
}

export interface StatusServer {
  readonly url: string;
  close(): Promise<void>;
}

/** `/metrics` for Prometheus, `/healthz` for "restart me if this fails", `/readyz` for "send me work". */
export async function startStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const server = createServer((request, response) => {
    response.setHeader("connection", "close");
    answer(request.url ?? "/", response, options).catch((error: unknown) => {
      options.log.error("status request failed", { url: request.url, error });
      if (!response.headersSent) send(response, 500, "text/plain", "failed\n");
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined || error === null ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

async function answer(url: string, response: ServerResponse, options: StatusServerOptions): Promise<void> {
  const [path] = url.split("?", 1);
  if (path === "/metrics") {
    send(response, 200, "text/plain; version=0.0.4; charset=utf-8", await options.metrics());
  } else if (path === "/healthz") {
    send(response, 200, "application/json", `${JSON.stringify({ ok: true, ...options.health().detail })}\n`);
  } else if (path === "/readyz") {
    const { ready, detail } = options.health();
    send(response, ready ? 200 : 503, "application/json", `${JSON.stringify({ ready, ...detail })}\n`);
  } else {
    send(response, 404, "text/plain", "nothing here\n");
  }
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { "content-type": contentType, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
