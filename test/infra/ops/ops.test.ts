import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../../../infra/local/command.ts";
import { repositoryRoot } from "../../../infra/local/environment.ts";
import { findNats } from "../../../infra/ops/find-nats.ts";
import { findShards, shownUrl } from "../../../infra/ops/find-shards.ts";
import { table } from "../../../infra/ops/table.ts";
import { runInProcess } from "./run-in-process.ts";

test("a table has a column for each name, numbers to the right and a dash where nothing is known", () => {
  expect(
    table(
      ["slot", "owner", "seq"],
      [
        [3, "core-a", 12_000],
        [12, null, 7],
      ],
    ),
  ).toBe(["slot  owner     seq", "   3  core-a  12000", "  12  -           7"].join("\n"));
});

test("the shards are those of the environment, before those of a running stack", async () => {
  const data = await mkdtemp(path.join(tmpdir(), "lastcall-ops-"));
  onTestFinished(() => rm(data, { recursive: true }));
  await writeFile(path.join(data, "stack.json"), JSON.stringify({ shards: ["postgres://stack/0"] }));
  expect(findShards({ LASTCALL_DATA: data })).toEqual(["postgres://stack/0"]);
  expect(findShards({ LASTCALL_DATA: data, LASTCALL_SHARDS: "postgres://a/0, postgres://b/1" })).toEqual([
    "postgres://a/0",
    "postgres://b/1",
  ]);
  expect(() => findShards({ LASTCALL_DATA: path.join(data, "none") })).toThrow("set LASTCALL_SHARDS");
});

test("an address is shown without its password", () => {
  expect(shownUrl("postgres://lastcall:hush@db:5432/lastcall")).toBe("postgres://lastcall@db:5432/lastcall");
});

/** The names that a help text lists. */
const namesIn = (help: string) => [...help.matchAll(/^ {2}([a-z-]+) {2}/gm)].map(([, name = ""]) => name);

test("every command explains itself, and one that does not exist is refused with the list", async () => {
  const help = await runInProcess(["--help"]);
  expect(help).toMatchObject({ ok: true });
  for (const name of namesIn(help.stdout)) {
    expect(await runInProcess([name, "--help"])).toMatchObject({
      ok: true,
      stdout: expect.stringContaining(`ops -- ${name}`),
    });
  }
  for (const word of ["nothing", "constructor"]) {
    const unknown = await runInProcess([word]);
    expect(unknown.ok).toBe(false);
    expect(unknown.stderr).toContain("slots");
  }
});

test("a group explains itself and each of its commands, and refuses a word that is none of them in one line", async () => {
  const { stdout } = await runInProcess(["dead-letters", "--help"]);
  expect((await runInProcess(["dead-letters"])).stdout).toBe(stdout);
  for (const name of ["list", "show", "replay", "discard"]) {
    expect(namesIn(stdout)).toContain(name);
    const help = await runInProcess(["dead-letters", name, "--help"]);
    expect(help.stdout).toContain(`ops -- dead-letters ${name}`);
  }
  expect(await runInProcess(["dead-letters", "burn"])).toEqual({
    ok: false,
    stdout: "",
    stderr: 'dead-letters has no command "burn"; it has list, show, replay, discard\n',
  });
});

test("as a process it says what went wrong on one line, and exits with 1", async () => {
  const main = path.join(repositoryRoot, "infra/ops/main.ts");
  const env = { ...process.env, LASTCALL_SHARDS: "postgres://nobody@127.0.0.1:1/none" };
  const { ok, stdout, stderr } = await run(process.execPath, [main, "dead-letters", "list"], { env });
  expect({ ok, stdout }).toEqual({ ok: false, stdout: "" });
  expect(stderr).toMatch(/^.*ECONNREFUSED.*\n$/);
});

test("where the environment names the shards, the log of another cluster is never taken for theirs", () => {
  expect(findNats({ NATS_URL: "nats://a:4222, nats://b:4222" })).toEqual(["nats://a:4222", "nats://b:4222"]);
  expect(() => findNats({ LASTCALL_SHARDS: "postgres://a/0" })).toThrow("set NATS_URL too");
});
