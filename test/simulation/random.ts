/** Chance that a seed decides: the same seed, the same choices, for ever. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number;
  /** Any number from `min` to `max`. */
  between(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(among: readonly T[]): T;
}

/** Sebastiano Vigna's splitmix over 32 bits, as in Java's SplittableRandom: small, and good enough to shuffle faults. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e37_79b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0_aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a_2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 4_294_967_296;
  };
  const between = (min: number, max: number): number => min + next() * (max - min);
  return {
    next,
    whole: (min, max) => Math.floor(between(min, max + 1)),
    between,
    chance: (probability) => next() < probability,
    pick(among) {
      if (among.length === 0) throw new Error("nothing to pick from");
      return among[Math.floor(next() * among.length)] as (typeof among)[number];
    },
  };
}
