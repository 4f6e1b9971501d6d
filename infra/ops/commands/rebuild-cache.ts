import { readFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { rebuildReadModel } from "../../../core/readmodel/rebuild.ts";
import { dataFolder } from "../../local/environment.ts";
import type { OpsCommand } from "../ops-command.ts";
import { withShards } from "../with-shards.ts";

export const rebuildCache: OpsCommand = {
  summary: "write the read model in Redis anew from Postgres",
  help: `npm run ops -- rebuild-cache

Clears the read model and writes every auction again. Safe while the cluster runs: reads that miss go to the core.
Redis is the one of REDIS_URL, or of the stack that runs on LASTCALL_DATA.`,
  async run() {
    const { auctions } = await withShards((shards) => rebuildReadModel(shards, findRedis()));
    console.log(`written: ${auctions} auctions`);
  },
};

function findRedis(): string {
  const given = process.env.REDIS_URL;
  if (given !== undefined && given !== "") return given;
  const file = path.join(dataFolder(process.env), "stack.json");
  return z.object({ redis: z.string() }).parse(JSON.parse(readFileSync(file, "utf8"))).redis;
}
