/** Runs of each property: enough for every push, and twenty times that for the nightly `LASTCALL_DEEP=1`. */
export const PROPERTY_RUNS = process.env["LASTCALL_DEEP"] === "1" ? 10_000 : 500;

/** A deep run takes minutes on two busy cores; a hang must still end. */
export const PROPERTY_TIMEOUT_MS = 600_000;
