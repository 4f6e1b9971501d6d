import path from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULT_EDGE_PORT } from "./edge.ts";

/** The folder of the clone. */
export const repositoryRoot = fileURLToPath(new URL("../..", import.meta.url));

/** More cores than this on one machine is a slip of the finger. */
const MAX_CORES = 32;

/** `LASTCALL_DATA`, by default `.lastcall/` in the clone. */
export function dataFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return path.resolve(repositoryRoot, environment.LASTCALL_DATA ?? ".lastcall");
}

export function edgePort(environment: NodeJS.ProcessEnv = process.env): number {
  return wholeNumber("EDGE_PORT", environment.EDGE_PORT, {
    fallback: DEFAULT_EDGE_PORT,
    min: 0,
    max: 65_535,
  });
}

export function coreCount(environment: NodeJS.ProcessEnv = process.env): number {
  return wholeNumber("CORES", environment.CORES, { fallback: 1, min: 1, max: MAX_CORES });
}

function wholeNumber(
  name: string,
  text: string | undefined,
  { fallback, min, max }: { fallback: number; min: number; max: number },
): number {
  if (text === undefined || text === "") return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`${name}=${text} is not a whole number from ${min} to ${max}.`);
}
