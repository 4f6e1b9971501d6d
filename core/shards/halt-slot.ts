import type { Shard } from "./connect.ts";

/** Takes a slot out of service with a reason, until an operator clears it. */
export async function haltSlot(
  { sql }: Shard,
  slot: { slot: number; epoch: number; reason: string },
): Promise<void> {
  await sql`
    update slots set halted_reason = ${slot.reason}, owner = null, lease_until = null
    where slot = ${slot.slot} and epoch = ${slot.epoch}`;
}
