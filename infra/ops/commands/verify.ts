import { parseArgs } from "node:util";
import { ID_PATTERN } from "../../../shared/ids.ts";
import { findNats } from "../find-nats.ts";
import type { OpsCommand } from "../ops-command.ts";
import { type AuctionLogs, withAuctionLogs } from "../verify/auction-log.ts";
import { verdictInWords } from "../verify/verify-auction.ts";
import { type Summary, verifyCluster } from "../verify/verify-cluster.ts";
import { withShards } from "../with-shards.ts";

/** That something differs is an answer, not a failure of the command. */
const DIFFERENCE_CODE = 2;

export const verify: OpsCommand = {
  summary: "decide every auction again and compare what is stored of it",
  help: `npm run ops -- verify [--auction <id>] [--from-log] [--json]

Decides each auction's log again by the rules that it opened with, and compares the decisions and their audit chain, the
auction, its bidders and its orders with what the shards have. The first difference of each auction is named: which row,
which column, what should be there and what is; bidders by alias, secrets not at all.

The commands are those of the stored decisions: what was changed, removed or moved there shows in the chain, in the decisions
or in what they lead to. With --from-log they are those of the streams, and the shards are held against the log itself.
What the streams have purged is taken from the shards, and counted.

It only reads, auction by auction, and may run while the cluster does.

  --auction   only this one
  --from-log  from the streams of NATS_URL, or of the stack that runs on LASTCALL_DATA
  --json      one object: what was read, and every auction that differs

It ends with 0 when nothing differs, and with ${DIFFERENCE_CODE} when something does.`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        auction: { type: "string" },
        "from-log": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    const { auction: auctionId } = values;
    if (auctionId !== undefined && !ID_PATTERN.test(auctionId))
      throw new Error(`${auctionId} is no auction's id`);
    const check = (logs?: AuctionLogs): Promise<Summary> =>
      withShards((shards) =>
        verifyCluster(shards, {
          auctionId,
          logs,
          differs: (verdict) => void (values.json || console.log(verdictInWords(verdict))),
          progress: (line) => console.error(line),
        }),
      );
    const summary = values["from-log"] ? await withAuctionLogs(findNats(), check) : await check();
    console.log(values.json ? JSON.stringify(summary, null, 2) : summaryInWords(summary));
    if (summary.different.length > 0) process.exitCode = DIFFERENCE_CODE;
  },
};

function summaryInWords({ auctions, envelopes, commands, different, notInLog, seconds }: Summary): string {
  const purged =
    notInLog === 0
      ? ""
      : `; ${notInLog} envelopes are not in the log any more and were taken from the shards`;
  const result = different.length === 0 ? "nothing differs" : `${different.length} auctions differ`;
  return `${result}: ${auctions} auctions, ${commands} commands in ${envelopes} envelopes, ${seconds.toFixed(1)} s${purged}`;
}
