import { slotOf } from "../../../shared/slots.ts";
import { auctionIdFor } from "../../../shared/ids.ts";
import type { CreateAuction } from "../../../shared/terms.ts";
import { type SequencerCluster, SLOTS, until } from "../../core/sequencer/cluster.ts";
import { create, newKey, sam } from "../../support/builders.ts";
import { type OpsRun, runInProcess } from "./run-in-process.ts";

/** A command that no schema knows, with an amount in it. */
export const UNREADABLE = { type: "bid", bidderId: "a.b", key: "k", body: { amount: 765_432 } };

/** What the tests of dead letters do to a cluster on which an instance runs. */
export interface LetterOffice {
  /** `npm run ops -- dead-letters …` */
  ops(...words: string[]): Promise<OpsRun>;
  /** What `list --json` says, parsed by line. */
  listed(...words: string[]): Promise<Record<string, unknown>[]>;
  /** A new auction in the log, decided. */
  open(terms: CreateAuction): Promise<string>;
  /** Appends what will be parked, waits until it is, and returns the letter's name. */
  park(auctionId: string, commands: readonly unknown[], raw?: string): Promise<string>;
  /** The decisions of an envelope, once there are some. */
  decisions(auctionId: string, seq: number): Promise<readonly Record<string, unknown>[]>;
}

export function letterOffice(cluster: SequencerCluster): LetterOffice {
  const shards = cluster.shards.map(({ sql }) => {
    const { user, pass, host, port, database } = sql.options;
    return `postgres://${user}:${String(pass)}@${host[0]}:${port[0]}/${database}`;
  });
  const env = { LASTCALL_SHARDS: shards.join(","), NATS_URL: cluster.nc.getServer() };
  const ops = (...words: string[]): Promise<OpsRun> => runInProcess(["dead-letters", ...words], env);
  return {
    ops,
    async listed(...words) {
      const { stdout } = await ops("list", "--json", ...words);
      const lines = stdout.split("\n").filter((line) => line !== "");
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    async open(terms) {
      const key = newKey();
      const auctionId = auctionIdFor(sam, key);
      await cluster.append(auctionId, [create(terms, key)]);
      await cluster.result((result) => result.auctionId === auctionId && result.to === 1);
      return auctionId;
    },
    async park(auctionId, commands, raw) {
      const seq = await cluster.append(auctionId, commands, raw === undefined ? {} : { raw });
      const slot = slotOf(auctionId, SLOTS);
      const { sql } = cluster.home(auctionId);
      const parked = () => sql`select 1 from dead_letters where slot = ${slot} and seq = ${seq}`;
      await until(async () => (await parked()).length === 1);
      return `${slot}:${seq}`;
    },
    async decisions(auctionId, seq) {
      const { sql } = cluster.home(auctionId);
      const read = () => sql<Record<string, unknown>[]>`
        select kind, key, outcome, reason from decisions
        where auction_id = ${auctionId} and seq = ${seq} order by index`;
      await until(async () => (await read()).length > 0);
      return read();
    },
  };
}

/** The sequence that a replay says it got. */
export const replayedSeq = ({ stdout }: OpsRun): number =>
  Number(/^replayed \S+ as (\d+) on commands\./m.exec(stdout)?.[1]);
