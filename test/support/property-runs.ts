/** `npm run test:deep`: everything that is tried on chosen cases is tried on many more of them. */
export const isDeep = process.env["LASTCALL_DEEP"] === "1";

/** Runs of each property: enough for every push, and twenty times that for `npm run test:deep`. */
export const PROPERTY_RUNS = isDeep ? 10_000 : 500;

/** A deep run takes minutes, on busy cores a quarter of an hour; a hang must still end. */
export const PROPERTY_TIMEOUT_MS = 1_800_000;
