/** What one side puts in and the other reads with `for await`. */
export interface AsyncQueue<T> extends AsyncIterable<T> {
  push(item: T): void;
  end(): void;
}

export function createAsyncQueue<T>(): AsyncQueue<T> {
  const items: T[] = [];
  let reader: ((result: IteratorResult<T, undefined>) => void) | undefined;
  let ended = false;
  const done = { done: true, value: undefined } as const;
  return {
    push(item) {
      if (ended) return;
      if (reader === undefined) items.push(item);
      else reader({ done: false, value: item });
      reader = undefined;
    },
    end() {
      ended = true;
      reader?.(done);
      reader = undefined;
    },
    [Symbol.asyncIterator]: () => ({
      next: () => {
        if (items.length > 0) return Promise.resolve({ done: false, value: items.shift() as T });
        if (ended) return Promise.resolve(done);
        return new Promise((resolve) => (reader = resolve));
      },
    }),
  };
}
