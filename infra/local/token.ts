/** `npm run token`: development tokens, one a line in the order of the subjects, and nothing else. */
import { parseArgs } from "node:util";
import { idSchema } from "../../shared/ids.ts";
import { dataFolder } from "./environment.ts";
import { devToken } from "./dev-key.ts";

const HELP = `npm run -s token -- --sub alice [--sub bob …] --role bidder [--role seller …]

Prints a development token for each subject, signed with the key in $LASTCALL_DATA/dev-key.json (default .lastcall/),
valid for a day. Roles: bidder, seller, operator.`;

const ROLES = ["bidder", "seller", "operator"];

const { values } = parseArgs({
  options: {
    sub: { type: "string", multiple: true, default: [] },
    role: { type: "string", multiple: true, default: [] },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  const wrong =
    values.role.find((role) => !ROLES.includes(role)) ??
    values.sub.find((sub) => !idSchema.safeParse(sub).success);
  if (values.sub.length === 0 || values.role.length === 0 || wrong !== undefined) {
    console.error(wrong === undefined ? HELP : `"${wrong}" is not a role or a subject.\n\n${HELP}`);
    process.exit(1);
  }
  for (const sub of values.sub) console.log(await devToken(dataFolder(), sub, values.role));
}
