import { createKeyTable } from "./key-table.ts";
import { createSealedKeys, type SealedLimits } from "./sealed-keys.ts";

/** Sequences from `from` to `to`, both of them included. */
export interface SequenceRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Which keys an auction has taken and where, in a memory that is bounded however many they are: 6 MB for a million, 17 MB for
 * any number. Knows a key by a 48-bit fingerprint. The newest are kept exactly; older ones are sealed, and of them only a range
 * of sequences is known, and that not for certain. Whoever asks looks into the database, which compares the whole id.
 */
export interface KeyIndex {
  /** Every place at which a key with this fingerprint may have been taken; mostly none. Of the newest keys one sequence each. */
  find(fingerprint: number): readonly SequenceRange[];
  /** The sequences of those that are not sealed. */
  findNewest(fingerprint: number): readonly number[];
  /** A key was taken; the sequences rise. */
  add(fingerprint: number, seq: number): void;
  /** Seals older keys, if there are many, that were taken up to `seq`; only what is committed can be looked up. */
  seal(seq: number): void;
  readonly size: number;
  readonly bytes: number;
}

export interface KeyIndexLimits extends SealedLimits {
  /** Keys kept exactly, beyond those that may not be sealed yet and the beginning of a segment. */
  readonly exactKeys: number;
}

/**
 * 8,192 keys exactly are 512 KB at most. A segment is small enough that a look into its range of Postgres is a matter of
 * milliseconds, even if each of its keys came in an envelope of its own. 1,024 segments are 16 MB, and 3.1 million keys; beyond,
 * neighbours share a filter, which errs more often, and each error costs such a look.
 */
export const KEY_INDEX_LIMITS: KeyIndexLimits = { exactKeys: 8_192, segmentKeys: 3_072, segments: 1_024 };

const NONE: readonly SequenceRange[] = [];

export function createKeyIndex(limits: KeyIndexLimits = KEY_INDEX_LIMITS): KeyIndex {
  const table = createKeyTable();
  let sealed: ReturnType<typeof createSealedKeys> | undefined;
  /** Sequences at which another segment's worth of keys is complete. */
  const marks: number[] = [];
  let sinceMark = 0;
  let lastSeq = -1;

  return {
    find(fingerprint) {
      const exact = table.find(fingerprint);
      const found = exact.length === 0 ? undefined : exact.map((seq) => ({ from: seq, to: seq }));
      return (sealed === undefined ? found : sealed.find(fingerprint, found)) ?? NONE;
    },
    findNewest: (fingerprint) => table.find(fingerprint),
    add(fingerprint, seq) {
      if (sinceMark >= limits.segmentKeys && seq > lastSeq) {
        marks.push(lastSeq);
        sinceMark = 0;
      }
      table.add(fingerprint, seq);
      sinceMark++;
      lastSeq = seq;
    },
    seal(seq) {
      for (let mark = marks[0]; mark !== undefined && mark <= seq; mark = marks[0]) {
        if (table.size <= limits.exactKeys) return;
        marks.shift();
        const { fingerprints, from, to } = table.takeUpTo(mark);
        sealed ??= createSealedKeys(limits);
        sealed.add(fingerprints, { from, to });
      }
    },
    get size() {
      return table.size + (sealed?.size ?? 0);
    },
    get bytes() {
      return table.bytes + (sealed?.bytes ?? 0);
    },
  };
}
