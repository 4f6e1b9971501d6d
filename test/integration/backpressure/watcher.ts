import { WebSocket } from "ws";
import { LIVE_PROTOCOL, serverFrameSchema, type ServerFrame } from "../../../shared/frames.ts";
import type { Edge } from "../../support/client.ts";

export type FeedFrame = Extract<ServerFrame, { type: "snapshot" | "update" }>;

/** Watches without a token, and notes when it was told what. */
export interface Watcher {
  readonly told: readonly { readonly frame: FeedFrame; readonly atMs: number }[];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly socket: WebSocket;
}

/** Resolves when the watcher has its snapshot. */
export async function openWatcher(edge: Edge, auctionId: string): Promise<Watcher> {
  const url = `${edge.url.replace(/^http/, "ws")}/v1/auctions/${auctionId}/live`;
  const socket = new WebSocket(url, [LIVE_PROTOCOL]);
  const told: { frame: FeedFrame; atMs: number }[] = [];
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data: Buffer) => {
      const text = data.toString("utf8");
      // Thousands of them; see `fillSockets`.
      if (text.startsWith('{"type":"error"')) return;
      const frame = serverFrameSchema.parse(JSON.parse(text));
      if (frame.type === "snapshot" || frame.type === "update") told.push({ frame, atMs: performance.now() });
      resolve();
    });
  });
  return { told, closed, socket };
}
