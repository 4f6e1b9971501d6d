import { parseArgs } from "node:util";
import postgres from "postgres";
import { findShards } from "../../find-shards.ts";
import type { OpsCommand } from "../../ops-command.ts";
import { table } from "../../table.ts";
import type { Cell } from "../../table.ts";

/** An operator at a terminal waits this long for a shard before it counts as unreachable. */
const CONNECT_TIMEOUT_SECONDS = 5;

interface SlotRow {
  slot: number;
  role: string;
  epoch: number;
  owner: string | null;
  lease_seconds: number | null;
  applied_seq: number;
  published_seq: number;
  halted_reason: string | null;
}

const COLUMNS = [
  "shard",
  "slot",
  "role",
  "epoch",
  "owner",
  "lease",
  "applied_seq",
  "published_seq",
  "halted",
];

export const list: OpsCommand = {
  summary: "who owns which slot, and how far it is",
  help: `npm run ops -- slots [list] [--halted] [--json]

One line for each slot on each shard: role, epoch, owner, seconds that its lease still has (negative: since it ended),
position in the log, and why it is halted, if it is.

  --halted   only slots that are out of service; exit code 2 when there are any
  --json     one JSON object a line`,
  async run(args) {
    const options = {
      halted: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    const found = await Promise.all(findShards().map(readSlots));
    const rows = found.flatMap((shard, number) => shard.map((row) => ({ shard: number, ...row })));
    const shown = rows
      .filter((row) => !values.halted || row.halted_reason !== null)
      .sort((a, b) => a.slot - b.slot || a.shard - b.shard);
    if (values.json) for (const row of shown) console.log(JSON.stringify(row));
    else console.log(table(COLUMNS, shown.map(toCells)));
    if (values.halted && shown.length > 0) process.exitCode = 2;
  },
};

function toCells(row: SlotRow & { shard: number }): Cell[] {
  const lease = row.lease_seconds === null ? null : `${row.lease_seconds} s`;
  const { shard, slot, role, epoch, owner, applied_seq: applied, published_seq: published } = row;
  return [shard, slot, role, epoch, owner, lease, applied, published, row.halted_reason];
}

async function readSlots(url: string): Promise<SlotRow[]> {
  const sql = postgres(url, { max: 1, connect_timeout: CONNECT_TIMEOUT_SECONDS, onnotice: () => {} });
  try {
    return await sql<SlotRow[]>`
      select slot, role, epoch::float8 as epoch, owner,
        round(extract(epoch from lease_until - now())::numeric, 1)::float8 as lease_seconds,
        applied_seq::float8 as applied_seq, published_seq::float8 as published_seq, halted_reason
      from slots order by slot`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
