import { commandList } from "./command-list.ts";
import type { OpsCommand } from "./ops-command.ts";

interface GroupText {
  readonly summary: string;
  /** What all of its commands are about. */
  readonly about: string;
}

/** A command that is nothing but the name of several; alone it explains them. */
export function commandGroup(
  name: string,
  { summary, about }: GroupText,
  commands: Readonly<Record<string, OpsCommand>>,
): OpsCommand {
  const help = `npm run ops -- ${name} <command> [options]

${about}

${commandList(commands)}

Each of them takes --help.`;
  return {
    summary,
    help,
    commands,
    run([word]) {
      if (word !== undefined) {
        const names = Object.keys(commands).join(", ");
        return Promise.reject(new Error(`${name} has no command "${word}"; it has ${names}`));
      }
      console.log(help);
      return Promise.resolve();
    },
  };
}
