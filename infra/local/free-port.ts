import { createServer, connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const LOOPBACK = "127.0.0.1";

/** Between two looks at a port that does not answer yet. */
const LOOK_AGAIN_MS = 25;

/** Ports handed out by this process, so that two parts that start together do not get the same one. */
const taken = new Set<number>();

export async function freePort(): Promise<number> {
  for (;;) {
    const port = await listenOnce(0);
    if (taken.has(port)) continue;
    taken.add(port);
    return port;
  }
}

/** Whether the port can be had; a port of another program answers no. */
export async function isPortFree(port: number): Promise<boolean> {
  try {
    await listenOnce(port);
    return true;
  } catch {
    return false;
  }
}

/** Resolves once the check answers yes; rejects when the signal gives up. */
export async function until(check: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await check())) await sleep(LOOK_AGAIN_MS, undefined, { signal });
}

/** Whether something accepts connections there. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK, port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host: LOOPBACK, port }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}
