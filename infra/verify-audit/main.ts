/** `npm run verify-audit`: checks an auction's audit without any of Lastcall's servers. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { createAuditChecker } from "./audit-checker.ts";
import { reportText } from "./report-text.ts";

const help = `npm run verify-audit -- <file.ndjson | -> [--receipt <chain>] [--bid <bidId>]

Checks what GET /v1/auctions/:id/audit gave (- reads it from standard input): that the chain holds from line to line, that what
is revealed is what was committed to, and, where nothing is hidden any more, that the rules decide every command as the
file says, and the winner, the price and the orders. Says what it could not check.

  --receipt <chain>   also: that this receipt, the \`chain\` of an outcome, is in the file
  --bid <bidId>       also: what became of this bid

It ends with 0 when everything that could be checked is right, with 1 otherwise.`;

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      receipt: { type: "string" },
      bid: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  const [file] = positionals;
  if (values.help === true || file === undefined || positionals.length > 1) {
    console.log(help);
    return values.help === true;
  }
  const checker = createAuditChecker({ receipt: values.receipt, bidId: values.bid });
  const input = file === "-" ? process.stdin : createReadStream(file);
  // An error of the stream does not reach whoever reads its lines.
  const failed = new Promise<never>((_, reject) => input.once("error", reject));
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const read = (async () => {
    for await (const line of lines) if (line !== "") checker.line(line);
  })();
  await Promise.race([read, failed]);
  const report = checker.finish();
  console.log(reportText(report));
  return report.difference === undefined;
}

try {
  if (!(await main())) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
