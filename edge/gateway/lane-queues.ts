/** What waits in each of a gateway's lanes, in the order it came. */
export interface LaneQueues<T> {
  push(lane: number, item: T): void;
  /** The lane's next items, at most `limit`; undefined when none wait. */
  take(lane: number, limit: number): T[] | undefined;
  /** Takes one back; false when it does not wait any more. */
  remove(item: T): boolean;
}

export function createLaneQueues<T>(lanes: number): LaneQueues<T> {
  const queues: T[][] = Array.from({ length: lanes }, () => []);
  const queueOf = (lane: number): T[] => {
    const queue = queues[lane];
    if (queue === undefined) throw new RangeError(`there is no lane ${lane}`);
    return queue;
  };
  return {
    push(lane, item) {
      queueOf(lane).push(item);
    },
    take(lane, limit) {
      const queue = queueOf(lane);
      if (queue.length === 0) return undefined;
      if (queue.length > limit) return queue.splice(0, limit);
      queues[lane] = [];
      return queue;
    },
    remove(item) {
      for (const queue of queues) {
        const at = queue.indexOf(item);
        if (at < 0) continue;
        queue.splice(at, 1);
        return true;
      }
      return false;
    },
  };
}
