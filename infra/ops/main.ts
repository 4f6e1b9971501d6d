/** `npm run ops`: what operators do to a cluster. Each command is a file in `commands/` and a line in the map below. */
import { migrate } from "./commands/migrate.ts";
import { rebuildCache } from "./commands/rebuild-cache.ts";
import { slots } from "./commands/slots.ts";
import type { OpsCommand } from "./ops-command.ts";

const commands: Record<string, OpsCommand> = { migrate, slots, "rebuild-cache": rebuildCache };

function help(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(
    ([name, command]) => `  ${name.padEnd(width)}  ${command.summary}`,
  );
  return `npm run ops -- <command> [options]

${lines.join("\n")}

Every command takes --help. The shards are those of LASTCALL_SHARDS (comma-separated postgres URLs, in the order of
their numbers), or of the stack that runs on LASTCALL_DATA (default .lastcall/).`;
}

const [name = "", ...args] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  const asked = name === "" || name === "--help" || name === "-h" || name === "help";
  if (asked) console.log(help());
  else console.error(`there is no command "${name}"\n\n${help()}`);
  process.exit(asked ? 0 : 1);
}
if (args.includes("--help") || args.includes("-h")) {
  console.log(command.help);
} else {
  try {
    await command.run(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
