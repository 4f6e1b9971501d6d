import { readdirSync } from "node:fs";
import { readFile, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import type { RunningStack } from "../../infra/local/stack-types.ts";
import { commandStream } from "../../shared/subjects.ts";

/** The newest file of a command stream's messages, as nats-server keeps it. */
function blockOf(stack: RunningStack, stream: number): string {
  const folder = path.join(stack.data, "nats/jetstream/$G/streams", commandStream(stream), "msgs");
  const blocks = readdirSync(folder).filter((file) => file.endsWith(".blk"));
  const newest = Math.max(...blocks.map((file) => Number.parseInt(file, 10)));
  return path.join(folder, `${newest}.blk`);
}

/** Where the stream's next message will begin in its file: every acknowledged one has been written. */
export async function endOfLog(stack: RunningStack, stream: number): Promise<number> {
  return (await stat(blockOf(stack, stream))).size;
}

/** Everything from that offset on is gone, as after a disk that lied about its writes. The server must be down. */
export async function cutLog(stack: RunningStack, stream: number, offset: number): Promise<void> {
  await truncate(blockOf(stack, stream), offset);
}

/** One bit of the message that begins there is another. The server must be down. */
export async function flipBit(stack: RunningStack, stream: number, offset: number): Promise<void> {
  const file = blockOf(stack, stream);
  const bytes = await readFile(file);
  // Behind the record's head, so that its length still is what it was.
  const place = offset + 60;
  bytes.writeUInt8(bytes.readUInt8(place) ^ 0b100, place);
  await writeFile(file, bytes);
}
