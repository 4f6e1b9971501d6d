/** Seeds that have found a bug of ours, and what it was. They are tried with every push. */
export const FORMER_FAILURES: readonly { readonly seed: number; readonly what: string }[] = [
  {
    seed: 1102,
    what: "an idle slot whose position had followed the stream's tail read on in a log that had lost that tail",
  },
  {
    seed: 20060,
    what: "an idle slot followed the tail of a stream that had taken the place of its own",
  },
  {
    seed: 20385,
    what: "a log in doubt was compared at a message that had been read from it since",
  },
];
