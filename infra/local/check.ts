/** `npm run check`: types, lint, format and the borders between the folders. Runs all of them, fails if any fails. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { run } from "./command.ts";
import { repositoryRoot } from "./environment.ts";

const bin = (name: string): string => path.join(repositoryRoot, "node_modules/.bin", name);

/** Folders whose borders are checked. A checker that saw none of their files has checked nothing. */
const BORDERED = ["shared/", "edge/", "core/auction/", "core/", "infra/", "test/"];

const commands: [name: string, command: string, args: string[]][] = [
  ["types: shared, infra, test", "tsc", ["-p", "."]],
  ["types: core", "tsc", ["-p", "core"]],
  ["types: core/auction, without a platform", "tsc", ["-p", "core/auction"]],
  ["types: edge", "tsc", ["-p", "edge"]],
  ["lint", "oxlint", ["--type-aware", "--deny-warnings"]],
  ["format (npm run format mends it)", "oxfmt", ["--check"]],
];

function passes(command: string, args: string[]): boolean {
  return spawnSync(bin(command), args, { cwd: repositoryRoot, stdio: "inherit" }).status === 0;
}

async function bordersHold(): Promise<boolean> {
  const args = ["--output-type", "json", "shared", "edge", "core", "infra", "test"];
  const { stdout, stderr } = await run(bin("depcruise"), args, { cwd: repositoryRoot });
  if (!stdout.startsWith("{")) {
    console.error(stderr);
    return false;
  }
  const result = JSON.parse(stdout) as {
    modules: { source: string }[];
    summary: { violations: { rule: { name: string }; from: string; to: string }[] };
  };
  const unseen = BORDERED.filter((folder) => !result.modules.some(({ source }) => source.startsWith(folder)));
  for (const folder of unseen) console.error(`no module was seen in ${folder}: the check is broken`);
  for (const { rule, from, to } of result.summary.violations) console.error(`${rule.name}: ${from} → ${to}`);
  console.log(`${result.modules.length} modules seen`);
  return unseen.length === 0 && result.summary.violations.length === 0;
}

const failed: string[] = [];
for (const [name, command, args] of commands) {
  console.log(`\n── ${name}`);
  if (!passes(command, args)) failed.push(name);
}
console.log("\n── borders between the folders");
if (!(await bordersHold())) failed.push("borders between the folders");
console.log(failed.length === 0 ? "\nall checks pass" : `\nfailed: ${failed.join("; ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
