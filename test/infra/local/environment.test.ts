import path from "node:path";
import { expect, test } from "vitest";
import { coreCount, dataFolder, edgePort, repositoryRoot } from "../../../infra/local/environment.ts";

test("nothing set means one core, port 8787 and .lastcall in the clone", () => {
  expect([coreCount({}), edgePort({}), dataFolder({})]).toEqual([
    1,
    8787,
    path.join(repositoryRoot, ".lastcall"),
  ]);
});

test.each(["zero", "0", "1.5", "-1", "1000"])("CORES=%s is refused by name", (CORES) => {
  expect(() => coreCount({ CORES })).toThrow(`CORES=${CORES}`);
});

test.each(["http", "65536", "80.5"])("EDGE_PORT=%s is refused by name", (EDGE_PORT) => {
  expect(() => edgePort({ EDGE_PORT })).toThrow(`EDGE_PORT=${EDGE_PORT}`);
});
