/** Runs of each property: enough for every push, and twenty times that for `npm run test:deep`. */
export const PROPERTY_RUNS = process.env["LASTCALL_DEEP"] === "1" ? 10_000 : 500;

/** A deep run takes minutes, on busy cores a quarter of an hour; a hang must still end. */
export const PROPERTY_TIMEOUT_MS = 1_800_000;
