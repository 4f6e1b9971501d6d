import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const readme = readFileSync(new URL("../../../core/README.md", import.meta.url), "utf8");

interface Rule {
  readonly text: string;
  readonly decidedIn: string;
  readonly tests: string;
}

/** The rows of the tables under "The rules". No cell has a bar of its own. */
const rules = readme
  .slice(readme.indexOf("## The rules"))
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter(([, first = ""]) => first !== "rule" && !first.startsWith("---"))
  .map(([, text = "", , decidedIn = "", tests = ""]): Rule => ({ text, decidedIn, tests }));

/** `file.test.ts` "title", "another title", `other.test.ts` "title": each title with its file. */
function namedTests(column: string): { file: string; title: string }[] {
  let file = "";
  return [...column.matchAll(/`([^`"]+\.test\.ts)`|"([^"]+)"/g)].flatMap(([, path, title]) => {
    if (path !== undefined) file = path.includes("/") ? path : `test/core/auction/${path}`;
    return title === undefined ? [] : [{ file, title }];
  });
}

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

describe("the rules of core/README.md", () => {
  test("are all there: a table that is spelled otherwise would be passed over in silence", () => {
    expect(rules.length).toBeGreaterThanOrEqual(58);
  });

  test.each(rules)("each name a test that there is: $text", ({ tests }) => {
    const named = namedTests(tests);
    expect(named).not.toEqual([]);
    for (const { file, title } of named) expect(read(file)).toContain(JSON.stringify(title));
  });

  test.each(rules)("each name a file that decides it: $text", ({ decidedIn }) => {
    const files = [...decidedIn.matchAll(/`([^`]+\.ts)`/g)].map(([, path = ""]) => path);
    if (decidedIn !== "each format") expect(files).not.toEqual([]);
    for (const path of files) read(path.includes("/") ? path : `core/auction/${path}`);
  });
});
