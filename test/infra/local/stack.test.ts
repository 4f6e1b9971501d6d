import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { repositoryRoot } from "../../../infra/local/environment.ts";
import { startMark } from "../../../infra/local/process-identity.ts";
import { startStack } from "../../../infra/local/stack.ts";
import type { RunningStack, StackInfo, StackOptions } from "../../../infra/local/stack-types.ts";

let data: string;
let stacks: RunningStack[];

beforeEach(async () => {
  data = await mkdtemp(path.join(tmpdir(), "lastcall-stack-"));
  stacks = [];
});

afterEach(async () => {
  for (const stack of stacks) await stack.stop();
  await rm(data, { recursive: true, force: true });
});

async function startServers(options: Partial<StackOptions> = {}): Promise<RunningStack> {
  const stack = await startStack({ data, serversOnly: true, ...options });
  stacks.push(stack);
  return stack;
}

function pidsOf({ pids }: StackInfo): number[] {
  return [pids.nats, pids.redis, ...pids.postgres].filter((pid) => pid !== null);
}

async function aliveOf(pids: readonly number[]): Promise<number[]> {
  const marks = await Promise.all(pids.map(startMark));
  return pids.filter((_, i) => marks[i] !== undefined);
}

function recordedPids(): number[] {
  const run = path.join(data, "run");
  const files = readdirSync(run).filter((name) => name.endsWith(".pid") && name !== "supervisor.pid");
  return files.map((name) => Number(readFileSync(path.join(run, name), "utf8").split(" ")[0]));
}

describe("the stack's servers", () => {
  test("keep what they were told over a restart, and end when they are stopped", async () => {
    const first = await startServers();
    await writeSomething(first);
    const pids = pidsOf(first.info);
    await first.stop();
    expect(await aliveOf(pids)).toEqual([]);
    expect(existsSync(path.join(data, "stack.json"))).toBe(false);

    const second = await startServers();
    expect(await readSomething(second)).toEqual({ rows: [{ n: 7 }], messages: 1 });
  });

  test("sync every message to disk, and listen on the loopback address only", async () => {
    const stack = await startServers();
    expect(readFileSync(path.join(data, "nats.conf"), "utf8")).toContain("sync_interval: always");
    const sql = postgres(stack.info.shards[0] ?? "", { max: 1 });
    const settings = await sql`select name, setting from pg_settings
      where name in ('fsync', 'synchronous_commit', 'listen_addresses', 'full_page_writes') order by name`;
    await sql.end();
    expect(settings.map(({ name, setting }) => `${name}=${setting}`)).toEqual([
      "fsync=on",
      "full_page_writes=on",
      "listen_addresses=127.0.0.1",
      "synchronous_commit=on",
    ]);
  });

  test("come back on the same address after a kill -9", async () => {
    const stack = await startServers();
    await writeSomething(stack);
    for (const part of [stack.nats, stack.redis, stack.postgres[0]]) {
      const before = part?.pid;
      await part?.kill("SIGKILL");
      expect(part?.pid).toBeNull();
      await part?.start();
      expect(part?.pid).not.toBe(before);
    }
    expect(await readSomething(stack)).toEqual({ rows: [{ n: 7 }], messages: 1 });
    const written = JSON.parse(readFileSync(path.join(data, "stack.json"), "utf8")) as StackInfo;
    expect(written).toEqual(stack.info);
  });

  test("are started again by themselves when the stack was asked to", async () => {
    const deaths: string[] = [];
    const stack = await startServers({
      restart: true,
      onDeath: (part, how) => deaths.push(`${part} ${how}`),
    });
    const before = stack.redis.pid;
    await stack.redis.kill("SIGKILL");
    await expect.poll(() => stack.redis.pid, { timeout: 10_000 }).not.toBeNull();
    expect(stack.redis.pid).not.toBe(before);
    expect(deaths).toEqual(["redis SIGKILL"]);
  });
});

describe("a start that cannot succeed", () => {
  test("names the part and leaves nothing running", async () => {
    await expect(startServers({ natsConfig: "nonsense {" })).rejects.toThrow(/nats did not start/);
    expect(recordedPids()).toEqual([]);
    await startServers();
  });

  test("refuses a folder on which another stack runs, and names its process", async () => {
    await startServers();
    await expect(startServers()).rejects.toThrow(`process ${process.pid}`);
  });

  test("refuses an edge port that is taken, before it starts anything", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    const start = startStack({ data, edgePort: port });
    await expect(start).rejects.toThrow(`port ${port} is taken`);
    await new Promise((resolve) => other.close(resolve));
    expect(existsSync(path.join(data, "run"))).toBe(false);
  });

  test("gives up when it is told to", async () => {
    const stop = new AbortController();
    const start = startStack({ data, serversOnly: true }, stop.signal);
    setTimeout(() => stop.abort(), 150);
    await expect(start).rejects.toThrow(/given up|aborted/);
    expect(recordedPids()).toEqual([]);
  });
});

describe("a stack whose own process is killed", () => {
  test("takes its servers with it, and the next start finds the data", async () => {
    const main = path.join(repositoryRoot, "infra/local/main.ts");
    const child = spawn(process.execPath, [main, "--servers-only", "--data", data], { stdio: "ignore" });
    await expect.poll(() => existsSync(path.join(data, "stack.json")), { timeout: 30_000 }).toBe(true);
    const pids = pidsOf(JSON.parse(readFileSync(path.join(data, "stack.json"), "utf8")) as StackInfo);
    expect(await aliveOf(pids)).toEqual(pids);
    child.kill("SIGKILL");
    await expect.poll(() => aliveOf(pids), { timeout: 10_000 }).toEqual([]);
    await startServers();
  });

  test("does not stand in the way of a next start that comes at once", async () => {
    const main = path.join(repositoryRoot, "infra/local/main.ts");
    const child = spawn(process.execPath, [main, "--servers-only", "--data", data], { stdio: "ignore" });
    await expect.poll(() => existsSync(path.join(data, "stack.json")), { timeout: 30_000 }).toBe(true);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    const stack = await startServers();
    // Longer than the clean-up after the killed one may take: it must not touch the new one.
    await sleep(4_000);
    expect(await aliveOf(pidsOf(stack.info))).toEqual(pidsOf(stack.info));
  });
});

async function writeSomething(stack: RunningStack): Promise<void> {
  const sql = postgres(stack.info.shards[0] ?? "", { max: 1 });
  await sql`create table kept (n int)`;
  await sql`insert into kept values (7)`;
  await sql.end();
  const connection = await connect({ servers: stack.nats.url });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "KEPT", subjects: ["kept"] });
  await jetstream(connection).publish("kept", "hello");
  await connection.close();
}

async function readSomething(stack: RunningStack): Promise<unknown> {
  const sql = postgres(stack.info.shards[0] ?? "", { max: 1 });
  const rows = [...(await sql`select n from kept`)];
  await sql.end();
  const connection = await connect({ servers: stack.nats.url });
  const { state } = await (await jetstreamManager(connection)).streams.info("KEPT");
  await connection.close();
  return { rows, messages: state.messages };
}
