/** The process behind `startUpstash`: the Upstash-compatible front, bound to the loopback address only. */
import { createServer } from "node:http";
import { createApp } from "@humanwhocodes/upstash-redis-server";

/** Larger than any script or pipeline of ours; a runaway client must not fill the memory. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

const port = Number(process.env.PORT);
const app = createApp({ token: process.env.UPSTASH_TOKEN ?? "", redisUrl: process.env.REDIS_URL ?? "" });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) request.destroy();
    else chunks.push(chunk);
  });
  request.on("end", () => {
    if (request.url === "/healthz") return response.end("ok");
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
    const init: RequestInit = { method: request.method ?? "GET", headers };
    if (bytes > 0) init.body = Buffer.concat(chunks);
    Promise.resolve(app.fetch(new Request(`http://127.0.0.1:${port}${request.url ?? "/"}`, init))).then(
      async (answer) => {
        response.writeHead(answer.status, Object.fromEntries(answer.headers));
        response.end(Buffer.from(await answer.arrayBuffer()));
      },
      (error: unknown) => {
        console.error(error);
        response.writeHead(500).end();
      },
    );
  });
});
server.listen(port, "127.0.0.1", () => console.log("ready"));
process.once("SIGTERM", () => process.exit(0));
