/**
 * The version of every message that crosses a process border: envelopes, results and queries.
 *
 * Raise it whenever the meaning or the shape of one of them changes; `shared/wire-version.test.ts` fails when the
 * schemas change and this number does not. A core reads every version from `OLDEST_WIRE_VERSION` on, because commands
 * written by an older edge may still lie in the log.
 *
 * History
 * - 1: envelopes of bid, create and tick; one result per envelope with outcomes and public events.
 * - 2: all formats: bid bodies with maximum, buy-now, units and waitlist; `manage` commands; outcomes with `leading` and
 *   `detail`; views and events by format; orders.
 * - 3: results, outcomes and the frames that tell them say the head of the audit chain, which makes them receipts;
 *   creates by rules 3; the query `audit`.
 */
export const WIRE_VERSION = 3;

export const OLDEST_WIRE_VERSION = 1;
