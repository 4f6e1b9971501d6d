/**
 * A map whose every version keeps its own content, at nearly the price of a mutable one: an auction makes a version with
 * each bid, and hardly ever looks back. All versions share one table, which is the content of the version used last; each
 * other version knows in which one key it differs from its neighbour on the way there. To use an older version walks that way and
 * turns it round (Baker, "Shallow binding makes functional arrays fast", 1991), so going back costs what was changed
 * since. `undefined` is no value. The order of a listing says nothing.
 *
 * A class, because methods made anew for every version would cost more than the change itself.
 */
export class PersistentMap<K, V extends {}> {
  #table: Map<K, V> | undefined;
  #neighbour: PersistentMap<K, V> | undefined = undefined;
  #key: K | undefined = undefined;
  #value: V | undefined = undefined;

  private constructor(table: Map<K, V> | undefined) {
    this.#table = table;
  }

  /** Never given a table: what is put into it starts one of its own, so that maps with nothing in common share none. */
  static empty<K, V extends {}>(): PersistentMap<K, V> {
    return new PersistentMap<K, V>(undefined);
  }

  static of<K, V extends {}>(entries: Iterable<readonly [K, V]>): PersistentMap<K, V> {
    return new PersistentMap<K, V>(new Map(entries));
  }

  get size(): number {
    return this.#content().size;
  }

  get(key: K): V | undefined {
    return (this.#table ?? this.#content()).get(key);
  }

  set(key: K, value: V): PersistentMap<K, V> {
    const table = this.#table ?? this.#content();
    if (table.size === 0) return PersistentMap.of([[key, value]]);
    const next = this.#giveWay(table, key);
    table.set(key, value);
    return next;
  }

  delete(key: K): PersistentMap<K, V> {
    const table = this.#table ?? this.#content();
    if (!table.has(key)) return this;
    const next = this.#giveWay(table, key);
    table.delete(key);
    return next;
  }

  /** A copy, as every listing here: the table may belong to another version before the caller has come to its end. */
  values(): V[] {
    return [...this.#content().values()];
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return [...this.#content()].values();
  }

  /** The next version takes the table over, and is about to change `key`. */
  #giveWay(table: Map<K, V>, key: K): PersistentMap<K, V> {
    const next = new PersistentMap<K, V>(table);
    this.#differFrom(next, key, table.get(key));
    return next;
  }

  #differFrom(neighbour: PersistentMap<K, V>, key: K, value: V | undefined): void {
    this.#table = undefined;
    this.#neighbour = neighbour;
    this.#key = key;
    this.#value = value;
  }

  /** The table, made this version's content. */
  #content(): Map<K, V> {
    if (this.#table !== undefined) return this.#table;
    const neighbour = this.#neighbour;
    if (neighbour === undefined) return EMPTY;
    const way = [neighbour];
    for (let next = neighbour.#neighbour; next !== undefined; next = next.#neighbour) way.push(next);
    for (let at = way.pop(); at !== undefined; at = way.pop()) (way.at(-1) ?? this).#takeFrom(at);
    return this.#content();
  }

  /** Swaps places with the neighbour, which has the table. */
  #takeFrom(neighbour: PersistentMap<K, V>): Map<K, V> {
    const table = neighbour.#table as Map<K, V>;
    const key = this.#key as K;
    const value = this.#value;
    neighbour.#differFrom(this, key, table.get(key));
    if (value === undefined) table.delete(key);
    else table.set(key, value);
    this.#table = table;
    this.#neighbour = this.#key = this.#value = undefined;
    return table;
  }
}

const EMPTY = new Map<never, never>();
