import { vi } from "vitest";
import { runOps } from "../../../infra/ops/run-ops.ts";

export interface OpsRun {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm run ops -- …` without a process of its own, of which each takes a second. One at a time: it listens to the console. */
export async function runInProcess(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<OpsRun> {
  const said = { stdout: "", stderr: "" };
  const log = vi.spyOn(console, "log").mockImplementation((text) => void (said.stdout += `${text}\n`));
  const error = vi.spyOn(console, "error").mockImplementation((text) => void (said.stderr += `${text}\n`));
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  try {
    return { ok: await runOps(words), ...said };
  } finally {
    log.mockRestore();
    error.mockRestore();
    vi.unstubAllEnvs();
  }
}
