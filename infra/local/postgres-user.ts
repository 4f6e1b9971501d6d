import { chownSync, existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { onPath } from "./binary.ts";
import { run } from "./command.ts";

/** How Postgres's programs are started: the command in front of them and the user they run as. */
export interface PostgresUser {
  readonly prefix: readonly string[];
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** Capabilities that let another user pass through folders that only root may enter, e.g. a clone below /root. */
const PASS_THROUGH = "+dac_override,+dac_read_search";

/**
 * Postgres refuses to run as root. As root it gets an unprivileged user that the machine already has; every folder up
 * to its files must then be open to that user, or the user keeps the right to pass through.
 */
export async function postgresUser(folders: readonly string[]): Promise<PostgresUser> {
  if (process.getuid?.() !== 0) return { prefix: [], uid: undefined, gid: undefined };
  const user = unprivilegedUser();
  if (folders.every(isOpenToAll)) return { prefix: [], ...user };
  const prefix = [
    onPath("setpriv") ?? "setpriv",
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    "--clear-groups",
    `--inh-caps=${PASS_THROUGH}`,
    `--ambient-caps=${PASS_THROUGH}`,
  ];
  const [command = "setpriv", ...args] = prefix;
  if ((await run(command, [...args, "true"])).ok) return { prefix, uid: undefined, gid: undefined };
  throw new Error(
    `Postgres does not run as root, and its user may not enter ${folders.find((folder) => !isOpenToAll(folder))}. ` +
      "Run Lastcall as an ordinary user, or from a folder that all users may enter (for example below /srv or /tmp).",
  );
}

/** The command line that runs a program as that user. */
export function commandAs(
  user: PostgresUser,
  program: string,
  args: string[],
): { file: string; args: string[] } {
  const [first, ...rest] = user.prefix;
  return first === undefined ? { file: program, args } : { file: first, args: [...rest, program, ...args] };
}

/** Hands a folder to the user that Postgres runs as. */
export function giveTo(user: PostgresUser, folder: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = unprivilegedUser();
  chownSync(folder, user.uid ?? uid, user.gid ?? gid);
}

function unprivilegedUser(): { uid: number; gid: number } {
  const users = existsSync("/etc/passwd") ? readFileSync("/etc/passwd", "utf8").split("\n") : [];
  for (const name of ["postgres", "nobody"]) {
    const fields = users.find((line) => line.startsWith(`${name}:`))?.split(":");
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error(
    "Postgres does not run as root, and there is no user `nobody`: run Lastcall as an ordinary user.",
  );
}

/** Whether any user may go as far as this folder. */
export function isOpenToAll(folder: string): boolean {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}
