import type { Refusal } from "./refusal.ts";

/**
 * Finds what it is of a message of so many commands that Postgres refuses. `passes` says whether the message could be stored
 * without it. Halves what is suspected again and again: about 2·k·log2(n) questions for k culprits among n commands, never
 * more than 2·n + 4. Where no command is refused by itself, all of them are. Undefined: nothing of it can be stored.
 */
export async function findRefusal(
  count: number,
  passes: (without: Refusal) => Promise<boolean>,
): Promise<Refusal | undefined> {
  const places = Array.from({ length: count }, (_, place) => place);
  const all: ReadonlySet<number> = new Set(places);
  const bare = !(await passes({ commands: all, bare: false }));
  if (bare && !(await passes({ commands: all, bare }))) return undefined;
  const none = { commands: new Set<number>(), bare };
  if (bare && (await passes(none))) return none;

  const culprits = new Set<number>();
  /** These commands, without all the others, are refused. */
  const search = async (suspects: readonly number[]): Promise<void> => {
    const [only] = suspects;
    if (suspects.length === 1 && only !== undefined) {
      culprits.add(only);
      return;
    }
    const middle = suspects.length >> 1;
    for (const half of [suspects.slice(0, middle), suspects.slice(middle)]) {
      const kept = new Set(half);
      const commands = new Set(places.filter((place) => !kept.has(place)));
      if (!(await passes({ commands, bare }))) await search(half);
    }
  };
  await search(places);
  const found = { commands: culprits, bare };
  return culprits.size > 0 && (await passes(found)) ? found : { commands: all, bare };
}
