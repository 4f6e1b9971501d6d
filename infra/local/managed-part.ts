import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { startMark } from "./process-identity.ts";
import type { StackContext } from "./stack-types.ts";

/** A part that takes longer than this to be ready is not going to be. Recovery after a crash is included. */
const READY_TIMEOUT_MS = 60_000;

/** An orderly stop that takes longer is ended by SIGKILL. */
const STOP_TIMEOUT_MS = 15_000;

/** Pauses between two restarts of something that keeps dying. */
const RESTART_PAUSE_MS = 500;

/** How much of a log is shown when a part does not start. */
const LOG_TAIL_CHARACTERS = 1_500;

/** One process (or container) of the stack that can be stopped, killed and started again on the same address. */
export interface ManagedPart {
  readonly name: string;
  /** Null while it does not run, or when it is not our process. */
  readonly pid: number | null;
  start(): Promise<void>;
  /** Orderly. */
  stop(): Promise<void>;
  /** Sends a signal (SIGKILL by default) and waits for the end when the signal ends it. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

export interface PartSpec {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly stopSignal: NodeJS.Signals;
  /** Resolves once the part serves; called again after each start. `line` is the first line it prints; `signal` gives up. */
  readonly ready: (line: Promise<string>, signal: AbortSignal) => Promise<void>;
  /** The pid that stands for the part where it is not the spawned one. */
  readonly pid?: () => number | null;
}

export async function startPart(context: StackContext, spec: PartSpec): Promise<ManagedPart> {
  const part = new ProcessPart(context, spec);
  await part.start();
  return part;
}

class ProcessPart implements ManagedPart {
  readonly name: string;
  readonly #context: StackContext;
  readonly #spec: PartSpec;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  /** True while the part is meant to run. */
  #wanted = false;
  /** True from "ready" to the end; the end of a part that is wanted and serving is a death. */
  #serving = false;

  constructor(context: StackContext, spec: PartSpec) {
    this.name = spec.name;
    this.#context = context;
    this.#spec = spec;
  }

  get pid(): number | null {
    if (this.#child === undefined) return null;
    return this.#spec.pid?.() ?? this.#child.pid ?? null;
  }

  async start(): Promise<void> {
    if (this.#child !== undefined) return;
    this.#wanted = true;
    try {
      await this.#launch();
    } catch (error) {
      this.#wanted = false;
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#wanted = false;
    if (this.#child === undefined) return;
    this.#child.kill(this.#spec.stopSignal);
    // A process that was halted with SIGSTOP takes the signal only once it goes on.
    this.#child.kill("SIGCONT");
    const timer = setTimeout(() => this.#child?.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const pid = this.pid;
    if (pid === null) return;
    const ends = !["SIGSTOP", "SIGCONT", "SIGHUP", "SIGUSR1", "SIGUSR2"].includes(signal);
    if (ends && this.#context.options.restart !== true) this.#wanted = false;
    process.kill(pid, signal);
    if (ends) await this.#ended;
  }

  async #launch(): Promise<void> {
    this.#context.signal?.throwIfAborted();
    const { child, line } = await this.#spawn();
    const settled = new AbortController();
    const failures = [
      this.#ended.then(() => Promise.reject(new Error("it ended at once"))),
      sleep(READY_TIMEOUT_MS, undefined, { signal: settled.signal }).then(() =>
        Promise.reject(new Error(`it was not ready within ${READY_TIMEOUT_MS / 1000} s`)),
      ),
      aborted(this.#context.signal, settled.signal),
    ];
    // Only the first of them counts; the losers of the race reject later, unheard.
    for (const failure of failures) failure.catch(() => {});
    try {
      await Promise.race([this.#spec.ready(line, settled.signal), ...failures]);
      if (!this.#wanted) throw new Error("it was stopped before it was ready");
      this.#serving = true;
      this.#context.changed();
    } catch (error) {
      child.kill("SIGKILL");
      await this.#ended;
      const log = existsSync(this.#logFile) ? await readFile(this.#logFile, "utf8") : "";
      const tail = log.slice(-LOG_TAIL_CHARACTERS);
      throw new Error(`${this.name} did not start: ${messageOf(error)}\n${tail}\n(log: ${this.#logFile})`, {
        cause: error,
      });
    } finally {
      settled.abort();
    }
  }

  async #spawn(): Promise<{ child: ChildProcess; line: Promise<string> }> {
    mkdirSync(path.dirname(this.#logFile), { recursive: true });
    const log = openSync(this.#logFile, "a");
    const { file, args, env, cwd, uid, gid } = this.#spec;
    // A process group of its own: Ctrl-C must reach the stack, which then ends its parts in order.
    const child = spawn(file, [...args], {
      detached: true,
      stdio: ["ignore", "pipe", log],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    this.#child = child;
    const line = this.#readLines(child, log);
    line.catch(() => {}); // Whoever waits for it hears of it; a part that is ready without it does not.
    this.#ended = new Promise((resolve) => {
      child.once("error", (error) => this.#onEnd(error.message, resolve));
      child.once("exit", (code, signal) => this.#onEnd(signal ?? `exit code ${code}`, resolve));
    });
    if (child.pid !== undefined) {
      const mark = await startMark(child.pid);
      const record = `${child.pid} ${this.#spec.stopSignal.slice(3)} ${mark ?? ""}\n`;
      if (this.#child === child) writeFileSync(this.#pidFile, record);
    }
    return { child, line };
  }

  /** The first line says "ready"; the others go to the log like stderr. */
  #readLines(child: ChildProcess, log: number): Promise<string> {
    return new Promise((resolve, reject) => {
      if (child.stdout === null) return reject(new Error("no stdout"));
      const lines = createInterface({ input: child.stdout });
      lines.on("line", (text) => {
        writeFileSync(log, `${text}\n`);
        resolve(text);
      });
      lines.once("close", () => {
        closeSync(log);
        reject(new Error("it ended before it was ready"));
      });
    });
  }

  #onEnd(how: string, resolve: () => void): void {
    this.#child = undefined;
    rmSync(this.#pidFile, { force: true });
    resolve();
    this.#context.changed();
    const died = this.#wanted && this.#serving;
    this.#serving = false;
    if (!died) return;
    this.#context.options.onDeath?.(this.name, how);
    if (this.#context.options.restart === true) void this.#restart();
    else this.#wanted = false;
  }

  async #restart(): Promise<void> {
    for (;;) {
      await sleep(RESTART_PAUSE_MS);
      if (!this.#wanted || this.#context.signal?.aborted === true || this.#child !== undefined) return;
      try {
        await this.#launch();
        return;
      } catch (error) {
        if (this.#wanted) this.#context.options.onDeath?.(this.name, messageOf(error));
      }
    }
  }

  get #logFile(): string {
    return path.join(this.#context.data, "logs", `${this.name}.log`);
  }

  get #pidFile(): string {
    return path.join(this.#context.data, "run", `${this.name}.pid`);
  }
}

function aborted(signal: AbortSignal | undefined, settled: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(new Error("the start was given up")), { signal: settled });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
