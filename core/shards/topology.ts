import { slotOf } from "../../shared/slots.ts";
import { CoreError } from "../core-error.ts";
import type { Shard } from "./connect.ts";

/** Which shard each slot lives on, as last read. `slots.role` in Postgres is the authority; this is a picture of it. */
export interface Topology {
  /**
   * Looks again. What an unreachable shard was known to hold is kept, unless another shard now has it active; then
   * throws a retryable CoreError that names the shards which did not answer.
   */
  refresh(): Promise<void>;
  /** The shard on which the auction's slot is active; undefined while none is known to have it. */
  shardOf(auctionId: string): Shard | undefined;
  shardOfSlot(slot: number): Shard | undefined;
}

interface Home {
  readonly shard: Shard;
  readonly epoch: number;
}

export function createTopology(shards: readonly Shard[], slots: number): Topology {
  let homes: ReadonlyMap<number, Home> = new Map();
  let begun = 0;
  let applied = 0;
  const shardOfSlot = (slot: number): Shard | undefined => homes.get(slot)?.shard;
  return {
    async refresh() {
      const turn = ++begun;
      const answers = await Promise.allSettled(shards.map(activeSlots));
      // A slower, earlier look must not overwrite what a later one has seen.
      if (turn > applied) {
        applied = turn;
        homes = mergedHomes(shards, answers, homes);
      }
      const silent = answers.flatMap((answer, i) =>
        answer.status === "rejected" ? [{ number: i, answer }] : [],
      );
      if (silent.length === 0) return;
      const names = silent.map(({ number }) => number).join(", ");
      throw new CoreError(`no answer from shard ${names}`, {
        retryable: true,
        cause: silent[0]?.answer.reason,
      });
    },
    shardOf: (auctionId) => shardOfSlot(slotOf(auctionId, slots)),
    shardOfSlot,
  };
}

async function activeSlots({ sql }: Shard): Promise<{ slot: number; epoch: number }[]> {
  const rows = await sql<
    { slot: number; epoch: string }[]
  >`select slot, epoch from slots where role = 'active'`;
  return rows.map(({ slot, epoch }) => ({ slot, epoch: Number(epoch) }));
}

function mergedHomes(
  shards: readonly Shard[],
  answers: readonly PromiseSettledResult<{ slot: number; epoch: number }[]>[],
  former: ReadonlyMap<number, Home>,
): ReadonlyMap<number, Home> {
  const homes = new Map<number, Home>();
  const put = (slot: number, home: Home): void => {
    // The shards are read one by one: in the moment of a cut-over two may claim the slot, and the higher epoch is right.
    const other = homes.get(slot);
    if (other === undefined || other.epoch < home.epoch) homes.set(slot, home);
  };
  for (const [i, shard] of shards.entries()) {
    const answer = answers[i];
    if (answer?.status === "fulfilled") {
      for (const { slot, epoch } of answer.value) put(slot, { shard, epoch });
    } else {
      for (const [slot, home] of former) if (home.shard === shard) put(slot, home);
    }
  }
  return homes;
}
