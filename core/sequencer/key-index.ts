/**
 * The keys that an auction has taken, as numbers: 23 to 46 bytes a key, so that a million keys in one
 * auction stay within 32 MB. Maps a 48-bit fingerprint to the sequence of the envelope that took the key; two keys with one
 * fingerprint (one pair in ten million at a million keys) only cost a look into the database, which compares the whole id.
 */
export interface KeyIndex {
  /** Sequences of envelopes that took a key with this fingerprint; mostly none or one. */
  find(fingerprint: number): readonly number[];
  add(fingerprint: number, seq: number): void;
  readonly size: number;
  readonly bytes: number;
}

/** A cold auction has a few keys: start small. */
const INITIAL_CAPACITY = 16;
const MAX_LOAD = 0.7;
const NONE: readonly number[] = [];

export function createKeyIndex(): KeyIndex {
  // Pairs of (fingerprint + 1, seq); 0 marks a free place. Linear probing.
  let capacity = INITIAL_CAPACITY;
  let table = new Float64Array(capacity * 2);
  let size = 0;

  const place = (into: Float64Array, mask: number, fingerprint: number, seq: number): void => {
    let i = hash(fingerprint) & mask;
    while (into[i * 2] !== 0) i = (i + 1) & mask;
    into[i * 2] = fingerprint + 1;
    into[i * 2 + 1] = seq;
  };

  const grow = (): void => {
    const larger = new Float64Array(capacity * 4);
    for (let i = 0; i < capacity; i++) {
      const stored = table[i * 2] as number;
      if (stored !== 0) place(larger, capacity * 2 - 1, stored - 1, table[i * 2 + 1] as number);
    }
    capacity *= 2;
    table = larger;
  };

  return {
    find(fingerprint) {
      const mask = capacity - 1;
      let found: number[] | undefined;
      for (let i = hash(fingerprint) & mask; table[i * 2] !== 0; i = (i + 1) & mask) {
        if (table[i * 2] === fingerprint + 1) (found ??= []).push(table[i * 2 + 1] as number);
      }
      return found ?? NONE;
    },
    add(fingerprint, seq) {
      if (size + 1 > capacity * MAX_LOAD) grow();
      place(table, capacity - 1, fingerprint, seq);
      size++;
    },
    get size() {
      return size;
    },
    get bytes() {
      return table.byteLength;
    },
  };
}

/** The fingerprint is SHA-256 already; its low bits are as good as any. */
const hash = (fingerprint: number): number => fingerprint % 0x7fff_ffff;
