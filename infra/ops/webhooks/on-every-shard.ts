import type { Shard } from "../../../core/shards/connect.ts";

export interface ShardAnswer<T> {
  readonly shard: Shard;
  readonly value: T;
}

export interface ShardAnswers<T> {
  readonly answers: readonly ShardAnswer<T>[];
  /** One line that names the shards that did not answer, and why; undefined when all did. */
  readonly failure: string | undefined;
}

/** Asks all of them, whatever becomes of one: what an operator must know is which. */
export async function askEveryShard<T>(
  shards: readonly Shard[],
  ask: (shard: Shard) => Promise<T>,
): Promise<ShardAnswers<T>> {
  const settled = await Promise.allSettled(shards.map(async (shard) => ({ shard, value: await ask(shard) })));
  const answers = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failures = settled.flatMap((one, i) =>
    one.status === "rejected" ? [`shard ${shards[i]?.number} (${why(one.reason)})`] : [],
  );
  return { answers, failure: failures.length === 0 ? undefined : failures.join(", ") };
}

/** The same, all or nothing. Throws an error that names the shards that did not answer. */
export async function onEveryShard<T>(
  shards: readonly Shard[],
  ask: (shard: Shard) => Promise<T>,
): Promise<readonly ShardAnswer<T>[]> {
  const { answers, failure } = await askEveryShard(shards, ask);
  if (failure !== undefined) throw new Error(`not every shard can be reached: ${failure}`);
  return answers;
}

function why(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ?? message ?? String(error);
}
