import { execFile } from "node:child_process";

/** Output of a short helper command; nothing that we run this way prints more. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** Runs a command to its end and returns what it printed. A command that is missing or fails is `ok: false`, never a throw. */
export function run(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(
      file,
      [...args],
      {
        cwd: options.cwd,
        env: options.env,
        signal: options.signal,
        timeout: options.timeoutMs ?? 0,
        uid: options.uid,
        gid: options.gid,
        maxBuffer: MAX_OUTPUT_BYTES,
        encoding: "utf8",
      },
      (error, stdout, stderr) => {
        resolve({
          ok: error === null,
          stdout,
          stderr: stderr === "" && error !== null ? error.message : stderr,
        });
      },
    );
  });
}

/** Like `run`, for steps that must succeed: throws with the command and the end of what it said. */
export async function mustRun(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await run(file, args, options);
  if (!result.ok) {
    throw new Error(`${file} ${args.slice(0, 3).join(" ")} failed: ${result.stderr.trim().slice(-600)}`);
  }
  return result;
}
