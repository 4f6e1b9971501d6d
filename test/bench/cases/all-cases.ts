import type { BenchCase } from "./case.ts";
import { decide } from "./decide.ts";
import { drain } from "./drain.ts";
import { drop } from "./drop.ts";
import { http, httpOpen, open, spread, websocket } from "./edge-cases.ts";
import { memory } from "./memory.ts";
import { rowlock } from "./rowlock.ts";

/**
 * In the order in which they run: the baseline first, on an empty database; what writes millions of rows last, so
 * that no vacuum of theirs falls into another measurement.
 */
export const allCases: readonly BenchCase[] = [
  decide,
  rowlock,
  websocket,
  open,
  http,
  httpOpen,
  spread,
  drop,
  drain,
  memory,
];
