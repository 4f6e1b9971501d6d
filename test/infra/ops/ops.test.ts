import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../../../infra/local/command.ts";
import { repositoryRoot } from "../../../infra/local/environment.ts";
import { findShards, shownUrl } from "../../../infra/ops/find-shards.ts";
import { table } from "../../../infra/ops/table.ts";

const ops = (...args: string[]) =>
  run(process.execPath, [path.join(repositoryRoot, "infra/ops/main.ts"), ...args]);

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

test("every command explains itself, and one that does not exist is refused with the list", async () => {
  const help = await ops("--help");
  expect(help).toMatchObject({ ok: true });
  for (const [, name = ""] of help.stdout.matchAll(/^ {2}([a-z-]+) {2}/gm)) {
    expect(await ops(name, "--help")).toMatchObject({
      ok: true,
      stdout: expect.stringContaining(`ops -- ${name}`),
    });
  }
  const unknown = await ops("nothing");
  expect(unknown.ok).toBe(false);
  expect(unknown.stderr).toContain("slots");
});
