import { parseArgs } from "node:util";
import { describe } from "../../dead-letters/describe.ts";
import { findLetter, readPosition } from "../../dead-letters/find-letter.ts";
import { MASK } from "../../dead-letters/mask.ts";
import type { OpsCommand } from "../../ops-command.ts";
import { withShards } from "../../with-shards.ts";

export const show: OpsCommand = {
  summary: "everything about one, without the amounts that are secret",
  help: `npm run ops -- dead-letters show <slot>:<seq> [--reveal] [--json]

Everything about one letter, its payload as JSON where it is JSON and as hex where it is not. Maxima, reserves and salts
are shown as ${MASK}, and so are the amounts of bids in a sealed auction that has not closed, or that is not known; of a
command that cannot be read every number that may be an amount, and of what is not JSON every digit.

  --reveal  shows them
  --json    one JSON object; bytes that are no JSON as payloadHex`,
  async run(args) {
    const options = {
      reveal: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const position = readPosition(positionals);
    const { letter } = await withShards((shards) => findLetter(shards, position));
    const { text, json } = describe(letter, values);
    if (values.reveal) console.error("shown with its secret amounts: nobody else should see this");
    console.log(values.json ? JSON.stringify(json) : text);
  },
};
