import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { dataFolder } from "../local/environment.ts";

const stackSchema = z.object({ shards: z.array(z.string()).min(1) });

/** The cluster's shards in the order of their numbers. Throws when neither the environment nor a stack names them. */
export function findShards(environment: NodeJS.ProcessEnv = process.env): string[] {
  const named = (environment.LASTCALL_SHARDS ?? "").split(",").map((url) => url.trim());
  const given = named.filter((url) => url !== "");
  if (given.length > 0) return given;
  const file = path.join(dataFolder(environment), "stack.json");
  if (existsSync(file)) return stackSchema.parse(JSON.parse(readFileSync(file, "utf8"))).shards;
  throw new Error(`no shards: set LASTCALL_SHARDS, or start a stack (there is no ${file})`);
}

/** A shard's address as it may be shown: without its password. */
export function shownUrl(url: string): string {
  const shown = new URL(url);
  shown.password = "";
  return shown.href;
}
