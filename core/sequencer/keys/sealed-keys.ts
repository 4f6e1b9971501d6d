import type { SequenceRange } from "./key-index.ts";

/**
 * The older keys of an auction: for each run of sequences (a segment) a Bloom filter over the fingerprints that were taken
 * in it. It says for certain where a key was not taken, and where it may have been; only Postgres knows more.
 *
 * Thirty-two segments lie side by side in a group, a bit of each in one word, so that one look per hash asks them all.
 */
export interface SealedKeys {
  /** Seals keys that were all taken from `from` to `to`. */
  add(fingerprints: readonly number[], range: SequenceRange): void;
  /** Adds to `found` every range in which such a key may have been taken; none in which one was is missed. */
  find(fingerprint: number, found: SequenceRange[] | undefined): SequenceRange[] | undefined;
  readonly size: number;
  readonly bytes: number;
}

export interface SealedLimits {
  /** Keys of one segment, for which its filter is made. */
  readonly segmentKeys: number;
  /** Segments of one auction; when there are more, neighbours share a filter. */
  readonly segments: number;
}

interface Segment extends SequenceRange {
  readonly keys: number;
  readonly group: Uint32Array;
  readonly bit: number;
}

/** At 40 bits a key and 16 hashes a filter errs once in fifty million times: a thousand of them still err only once in 50,000. */
const BITS_PER_KEY = 40;
const HASHES = 16;
const SEGMENTS_PER_GROUP = 32;
/** An object with six fields and its place in a list; roughly. */
const SEGMENT_BYTES = 96;

export function createSealedKeys(limits: SealedLimits): SealedKeys {
  const rows = 2 ** Math.ceil(Math.log2(limits.segmentKeys * BITS_PER_KEY));
  const mask = rows - 1;
  /** By group, then by bit. */
  const groups: { words: Uint32Array; segments: (Segment | undefined)[] }[] = [];
  /** From the oldest to the newest. */
  const segments: Segment[] = [];
  let size = 0;

  const replace = (place: number, count: number, segment: Segment): void => {
    segments.splice(place, count, segment);
    const group = groups.find(({ words }) => words === segment.group);
    if (group !== undefined) group.segments[segment.bit] = segment;
  };

  const freePlace = (): { group: Uint32Array; bit: number } => {
    for (const { words, segments: taken } of groups) {
      const bit = taken.indexOf(undefined);
      if (bit >= 0) return { group: words, bit };
    }
    const words = new Uint32Array(rows);
    groups.push({ words, segments: Array.from({ length: SEGMENTS_PER_GROUP }, () => undefined) });
    return { group: words, bit: 0 };
  };

  /** The two neighbours with the fewest keys become one, so that all filters fill alike. */
  const merge = (): void => {
    let place = 0;
    let fewest = Infinity;
    for (let i = 0; i + 1 < segments.length; i++) {
      const keys = (segments[i]?.keys ?? 0) + (segments[i + 1]?.keys ?? 0);
      if (keys < fewest) [place, fewest] = [i, keys];
    }
    const [into, gone] = [segments[place], segments[place + 1]];
    if (into === undefined || gone === undefined) return;
    moveBits(gone, into);
    const groupOfGone = groups.find(({ words }) => words === gone.group);
    if (groupOfGone !== undefined) groupOfGone.segments[gone.bit] = undefined;
    const [from, to] = [Math.min(into.from, gone.from), Math.max(into.to, gone.to)];
    replace(place, 2, { ...into, from, to, keys: fewest });
  };

  return {
    add(fingerprints, { from, to }) {
      while (segments.length >= Math.max(2, limits.segments)) merge();
      const { group, bit } = freePlace();
      const set = 1 << bit;
      for (const fingerprint of fingerprints) {
        let x = fingerprint & mask;
        let y = (fingerprint >>> 15) & mask;
        const z = (fingerprint / 0x1_0000_0000) | 0;
        for (let i = 0; i < HASHES; i++) {
          group[x] = (group[x] as number) | set;
          x = (x + y) & mask;
          y += z;
        }
      }
      replace(segments.length, 0, { from, to, keys: fingerprints.length, group, bit });
      size += fingerprints.length;
    },

    find(fingerprint, found) {
      for (const { words, segments: inGroup } of groups) {
        let x = fingerprint & mask;
        let y = (fingerprint >>> 15) & mask;
        const z = (fingerprint / 0x1_0000_0000) | 0;
        let hits = -1;
        for (let i = 0; i < HASHES && hits !== 0; i++) {
          hits &= words[x] as number;
          x = (x + y) & mask;
          y += z;
        }
        for (let bit = 0; hits !== 0; bit++, hits >>>= 1) {
          const segment = (hits & 1) === 0 ? undefined : inGroup[bit];
          if (segment !== undefined) (found ??= []).push({ from: segment.from, to: segment.to });
        }
      }
      return found;
    },
    get size() {
      return size;
    },
    get bytes() {
      return groups.length * rows * Uint32Array.BYTES_PER_ELEMENT + segments.length * SEGMENT_BYTES;
    },
  };
}

/** What was set for `gone` is set for `into`, and `gone`'s place is clean again. */
function moveBits(gone: Segment, into: Segment): void {
  const [clear, set] = [~(1 << gone.bit), 1 << into.bit];
  for (let row = 0; row < gone.group.length; row++) {
    const word = gone.group[row] as number;
    if (((word >>> gone.bit) & 1) === 0) continue;
    gone.group[row] = word & clear;
    into.group[row] = (into.group[row] as number) | set;
  }
}
