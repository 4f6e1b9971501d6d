/**
 * Runs one of the project's programs on the pinned Node, after installing the packages when they are missing or are
 * not those of the lock file. It is what every npm script starts with, so it must run on whatever Node (or Bun) the
 * machine has: plain JavaScript, no packages, no recent syntax.
 */
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const modules = path.join(root, "node_modules");
const pinnedNode = path.join(modules, "node/bin/node");
const stampFile = path.join(modules, ".lastcall-installed");
const onBun = process.versions.bun !== undefined;

/** Lines of the installer's output that are shown when it fails. */
const LINES_ON_FAILURE = 30;

if (!isInstalled()) await install();

const [program, ...args] = process.argv.slice(2);
const file = path.resolve(root, program ?? "");
if (!fs.existsSync(file)) {
  console.error(`${program} does not exist`);
  process.exit(1);
}
const node = fs.existsSync(pinnedNode) ? pinnedNode : process.execPath;
if (fs.realpathSync(node) === fs.realpathSync(process.execPath)) {
  process.argv.splice(1, 2, file);
  await import(pathToFileURL(file).href);
} else {
  await runOn(node);
}

/** Hands over to the pinned Node: its signals in, its exit code out. */
function runOn(executable) {
  const child = spawn(executable, [file, ...args], {
    stdio: "inherit",
    env: Object.assign({}, process.env, {
      PATH: path.join(modules, ".bin") + path.delimiter + process.env.PATH,
    }),
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on("error", (error) => {
      console.error(error.message);
      process.exit(1);
    });
    child.on("exit", (code, signal) => {
      process.exit(code === null ? 128 + os.constants.signals[signal] : code);
      resolve();
    });
  });
}

/** True when every package that the lock file asks for is there in that version. */
function isInstalled() {
  const wanted = readJson(path.join(root, "package-lock.json"));
  if (wanted === undefined) return fs.existsSync(modules);
  const hidden = readJson(path.join(modules, ".package-lock.json"));
  // Bun leaves no list of what it installed; our own stamp says for which lock file it was.
  if (hidden === undefined) return readText(stampFile) === fingerprint();
  if (!fs.existsSync(pinnedNode)) return false;
  return Object.entries(wanted.packages).every(([name, entry]) => {
    if (name === "" || entry.optional || entry.devOptional || entry.peer) return true;
    return hidden.packages[name] !== undefined && hidden.packages[name].version === entry.version;
  });
}

async function install() {
  const started = Date.now();
  const done = progress("installing packages");
  const npm = process.env.npm_execpath;
  // Not `npm ci`: it refuses a lock file that lacks another platform's optional packages. The lock file still decides
  // every version, and `--no-save` leaves it as it is.
  const npmArgs = ["install", "--no-save", "--no-audit", "--no-fund"];
  let command;
  if (onBun && !onPath("npm")) command = [process.execPath, ["install", "--no-save"]];
  else if (npm !== undefined && /npm-cli\.c?js$/.test(npm)) command = [process.execPath, [npm, ...npmArgs]];
  else command = ["npm", npmArgs];
  let { code, output } = await capture(command[0], command[1], root);
  if (code === 0 && !fs.existsSync(pinnedNode)) ({ code, output } = await installNode());
  done();
  if (code !== 0) {
    const errors = output.split("\n").filter((line) => /error/i.test(line));
    console.error(errors.slice(0, LINES_ON_FAILURE).join("\n"));
    console.error(`Installing the packages failed: ${path.basename(command[0])} ${command[1].join(" ")}`);
    process.exit(1);
  }
  fs.writeFileSync(stampFile, fingerprint());
  console.error(`installed packages (${Math.round((Date.now() - started) / 1000)} s)`);
}

/** The package `node` fetches its binary with npm; where there is only Bun, this does the same with Bun. */
async function installNode() {
  const version = readJson(path.join(modules, "node/package.json")).version;
  const platform = `${process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node"}-${process.platform}-${process.arch}`;
  const folder = path.join(modules, ".lastcall-node");
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, "package.json"), '{"private":true}');
  const result = await capture(process.execPath, ["add", `${platform}@${version}`], folder);
  if (result.code !== 0) return result;
  fs.mkdirSync(path.dirname(pinnedNode), { recursive: true });
  fs.copyFileSync(path.join(folder, "node_modules", platform, "bin/node"), pinnedNode);
  fs.chmodSync(pinnedNode, 0o755);
  fs.rmSync(path.join(modules, ".bin/node"), { force: true });
  fs.symlinkSync("../node/bin/node", path.join(modules, ".bin/node"));
  return result;
}

function capture(command, commandArgs, cwd) {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(command, commandArgs, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => child.kill(signal));
    child.on("error", (error) => resolve({ code: 1, output: `${output}${error.message}` }));
    child.on("close", (code) => resolve({ code, output }));
  });
}

/** One line that counts the seconds on a terminal, one plain line elsewhere. Returns what clears it. */
function progress(text) {
  if (!process.stderr.isTTY) {
    console.error(`${text} …`);
    return () => {};
  }
  const started = Date.now();
  const draw = () => process.stderr.write(`\r${text} … ${Math.round((Date.now() - started) / 1000)} s `);
  draw();
  const timer = setInterval(draw, 1000);
  return () => {
    clearInterval(timer);
    process.stderr.write("\r\u001b[2K");
  };
}

function fingerprint() {
  return `${fs.statSync(path.join(root, "package-lock.json")).size} ${readText(path.join(root, "package.json")).length}`;
}

function onPath(name) {
  return (process.env.PATH || "")
    .split(path.delimiter)
    .some((folder) => fs.existsSync(path.join(folder, name)));
}

function readText(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
}

function readJson(file) {
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : undefined;
}
