import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { dataFolder } from "../local/environment.ts";

const stackSchema = z.object({ nats: z.string() });

/**
 * The cluster's NATS servers: those of NATS_URL, or of the stack that `findShards` would find. Where the environment
 * names the shards it must name these too: the stack's log would be another cluster's. Throws when nobody names them.
 */
export function findNats(environment: NodeJS.ProcessEnv = process.env): string[] {
  const named = (environment.NATS_URL ?? "").split(",").map((url) => url.trim());
  const given = named.filter((url) => url !== "");
  if (given.length > 0) return given;
  if ((environment.LASTCALL_SHARDS ?? "").trim() !== "")
    throw new Error("LASTCALL_SHARDS is set, so set NATS_URL too: the log of the same cluster");
  const file = path.join(dataFolder(environment), "stack.json");
  if (existsSync(file)) return [stackSchema.parse(JSON.parse(readFileSync(file, "utf8"))).nats];
  throw new Error(`no NATS: set NATS_URL, or start a stack (there is no ${file})`);
}
