import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import postgres from "postgres";
import { DEFAULT_SLOTS } from "../../shared/slots.ts";
import { commandsOfSlot, commandStream, DEFAULT_STREAMS, streamOf } from "../../shared/subjects.ts";

const ASK_EVERY_MS = 100;

/** For each slot, how far the log reaches and how far it is decided. */
async function backlog(natsUrl: string, shardUrls: readonly string[]): Promise<number[]> {
  const tails = await logTails(natsUrl);
  const applied = new Map<number, number>();
  for (const url of shardUrls) {
    const sql = postgres(url, { max: 1, connect_timeout: 5 });
    try {
      const rows = await sql<{ slot: number; applied: string }[]>`
        select slot, applied_seq as applied from slots where role = 'active'`;
      for (const row of rows) applied.set(row.slot, Number(row.applied));
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
  return tails.map((tail, slot) => tail - (applied.get(slot) ?? 0));
}

async function logTails(natsUrl: string): Promise<number[]> {
  const nc = await connect({ servers: natsUrl });
  try {
    const jsm = await jetstreamManager(nc);
    const slots = Array.from({ length: DEFAULT_SLOTS }, (_, slot) => slot);
    return await Promise.all(
      slots.map(async (slot) => {
        const stream = commandStream(streamOf(slot, DEFAULT_STREAMS));
        const last = await jsm.streams.getMessage(stream, { last_by_subj: commandsOfSlot(slot) });
        return last?.seq ?? 0;
      }),
    );
  } finally {
    await nc.close();
  }
}

/** Resolves once every slot has decided its log (I14); false when that takes too long. */
export async function drained(
  addresses: { readonly nats: string; readonly shards: readonly string[] },
  deadlineMs: number,
): Promise<boolean> {
  for (;;) {
    const behind = await backlog(addresses.nats, addresses.shards).catch(() => undefined);
    if (behind?.every((messages) => messages <= 0) === true) return true;
    if (Date.now() > deadlineMs) return false;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
