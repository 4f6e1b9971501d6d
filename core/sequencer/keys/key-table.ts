/** Fingerprints of keys with the sequences at which they were taken, exactly: 23 to 46 bytes a key. */
export interface KeyTable {
  /** Whether any key has this fingerprint, and at which sequences; mostly none. */
  find(fingerprint: number): readonly number[];
  add(fingerprint: number, seq: number): void;
  /** Removes what was taken at `seq` or before, and hands it out. */
  takeUpTo(seq: number): TakenOut;
  readonly size: number;
  readonly bytes: number;
}

/** Keys that left the table: their fingerprints, and the first and the last sequence of them. */
export interface TakenOut {
  readonly fingerprints: readonly number[];
  readonly from: number;
  readonly to: number;
}

/** A cold auction has a few keys: start small. */
const INITIAL_CAPACITY = 16;
const MAX_LOAD = 0.7;
const NONE: readonly number[] = [];

export function createKeyTable(): KeyTable {
  // Pairs of (fingerprint + 1, seq); 0 marks a free place. Linear probing.
  let capacity = INITIAL_CAPACITY;
  let table = new Float64Array(capacity * 2);
  let size = 0;

  const place = (fingerprint: number, seq: number): void => {
    const mask = capacity - 1;
    let i = hash(fingerprint) & mask;
    while (table[i * 2] !== 0) i = (i + 1) & mask;
    table[i * 2] = fingerprint + 1;
    table[i * 2 + 1] = seq;
  };

  /** Lays out anew, in `places`, what is in the table and above `seq`; `leave` gets the rest. */
  const rebuild = (places: number, seq: number, leave: (fingerprint: number, seq: number) => void): void => {
    const before = table;
    capacity = places;
    table = new Float64Array(places * 2);
    for (let i = 0; i < before.length; i += 2) {
      const stored = before[i] as number;
      if (stored === 0) continue;
      const takenAt = before[i + 1] as number;
      if (takenAt > seq) place(stored - 1, takenAt);
      else leave(stored - 1, takenAt);
    }
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
      if (size + 1 > capacity * MAX_LOAD) rebuild(capacity * 2, -1, () => {});
      place(fingerprint, seq);
      size++;
    },
    takeUpTo(seq) {
      const fingerprints: number[] = [];
      let [from, to] = [Infinity, -Infinity];
      // The same capacity: what left will be followed by as much again.
      rebuild(capacity, seq, (fingerprint, takenAt) => {
        fingerprints.push(fingerprint);
        from = Math.min(from, takenAt);
        to = Math.max(to, takenAt);
      });
      size -= fingerprints.length;
      return { fingerprints, from, to };
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
