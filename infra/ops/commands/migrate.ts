import { parseArgs } from "node:util";
import { migrateShards } from "../../../core/shards/migrate.ts";
import { DEFAULT_SLOTS } from "../../../shared/slots.ts";
import { findShards, shownUrl } from "../find-shards.ts";
import type { OpsCommand } from "../ops-command.ts";

export const migrate: OpsCommand = {
  summary: "bring every shard's schema up to date",
  help: `npm run ops -- migrate [--slots ${DEFAULT_SLOTS}]

Runs the outstanding migrations on every shard and gives slots that no shard has yet a home. Safe to repeat.
The number of slots is fixed when a cluster is created; LASTCALL_SLOTS or --slots must say the same ever after.`,
  async run(args) {
    const slots = { type: "string", default: process.env.LASTCALL_SLOTS ?? String(DEFAULT_SLOTS) } as const;
    const { values } = parseArgs({ args: [...args], options: { slots } });
    const shards = findShards();
    await migrateShards(shards, { slots: Number(values.slots) });
    for (const url of shards) console.log(`up to date: ${shownUrl(url)}`);
  },
};
