import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/** A server program that was found, or the URL of one that somebody else runs. */
export type Server = { readonly binary: string } | { readonly url: string };

/** Downloads are kept across clones; `XDG_CACHE_HOME` moves them. */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache");
  return path.join(base, "lastcall");
}

/** The first executable of that name on PATH. `sbin` is looked at too: Debian puts servers there, users' PATHs do not. */
export function onPath(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/local/sbin", "/usr/sbin"];
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Raised when a server can be neither found nor fetched; the message names the command that installs it. */
export class MissingServerError extends Error {
  override readonly name = "MissingServerError";
}
