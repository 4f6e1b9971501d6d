import { commandList } from "./command-list.ts";
import { deadLetters } from "./commands/dead-letters.ts";
import { migrate } from "./commands/migrate.ts";
import { rebuildCache } from "./commands/rebuild-cache.ts";
import { slots } from "./commands/slots.ts";
import { verify } from "./commands/verify.ts";
import { webhooks } from "./commands/webhooks.ts";
import type { OpsCommand } from "./ops-command.ts";

const commands: Record<string, OpsCommand> = {
  migrate,
  slots,
  "dead-letters": deadLetters,
  "rebuild-cache": rebuildCache,
  verify,
  webhooks,
};

const help = `npm run ops -- <command> [options]

${commandList(commands)}

Every command takes --help. The shards are those of LASTCALL_SHARDS (comma-separated postgres URLs, in the order of
their numbers), or of the stack that runs on LASTCALL_DATA (default .lastcall/).`;

/** Runs the command that the words name. Whether it went well; what went wrong is told in one line on stderr. */
export async function runOps(words: readonly string[]): Promise<boolean> {
  const [name = "", ...rest] = words;
  const named = commandOf(commands, name);
  if (named === undefined) {
    const asked = name === "" || name === "--help" || name === "-h" || name === "help";
    if (asked) console.log(help);
    else console.error(`there is no command "${name}"\n\n${help}`);
    return asked;
  }
  const ofGroup = commandOf(named.commands, rest[0]);
  const [command, args] = ofGroup === undefined ? [named, rest] : [ofGroup, rest.slice(1)];
  if (args.includes("--help") || args.includes("-h")) {
    console.log(command.help);
    return true;
  }
  try {
    await command.run(args);
    return true;
  } catch (error) {
    console.error(oneLine(error));
    return false;
  }
}

function commandOf(among: OpsCommand["commands"] = {}, word = ""): OpsCommand | undefined {
  return Object.hasOwn(among, word) ? among[word] : undefined;
}

/** Errors of schemas and drivers may have many lines, or no message but a code. */
function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: string };
  return (error.message || code || error.name).replaceAll(/\s+/g, " ").trim();
}
