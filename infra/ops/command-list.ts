import type { OpsCommand } from "./ops-command.ts";

/** Each command's name and summary on a line of its own, for a help text. */
export function commandList(commands: Readonly<Record<string, OpsCommand>>): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  return Object.entries(commands)
    .map(([name, command]) => `  ${name.padEnd(width)}  ${command.summary}`)
    .join("\n");
}
