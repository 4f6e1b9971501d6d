import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findAptMirror } from "../../../infra/local/debian-packages.ts";

let etc: string;

beforeEach(async () => {
  etc = await mkdtemp(path.join(tmpdir(), "lastcall-etc-"));
  await mkdir(path.join(etc, "apt/sources.list.d"), { recursive: true });
  await writeFile(path.join(etc, "os-release"), 'NAME="Debian GNU/Linux"\nVERSION_CODENAME=bookworm\n');
});

afterEach(() => rm(etc, { recursive: true, force: true }));

const bookworm = { uri: "http://mirror.example/debian", codename: "bookworm", components: "main" };

describe.skipIf(process.platform !== "linux")("the machine's own mirror", () => {
  test("is read from the new format, and other vendors' sources are passed over", async () => {
    const folder = path.join(etc, "apt/sources.list.d");
    await writeFile(
      path.join(folder, "a-vendor.sources"),
      "Types: deb\nURIs: https://vendor.example\nSuites: nodistro\n",
    );
    await writeFile(
      path.join(folder, "debian.sources"),
      "Types: deb\n# a comment\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\n" +
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n",
    );
    const signedBy = "/usr/share/keyrings/debian-archive-keyring.gpg";
    expect(await findAptMirror(etc)).toEqual({ ...bookworm, signedBy });
  });

  test("is read from the old format, with and without options", async () => {
    const file = path.join(etc, "apt/sources.list");
    await writeFile(
      file,
      "# deb http://old.example buster main\ndeb http://mirror.example/debian bookworm main\n",
    );
    expect(await findAptMirror(etc)).toEqual({ ...bookworm, signedBy: undefined });
    await writeFile(file, "deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main\n");
    expect(await findAptMirror(etc)).toEqual({ ...bookworm, signedBy: "/k.gpg" });
  });

  test("is unknown on a machine whose sources do not name its release", async () => {
    expect(await findAptMirror(etc)).toBeUndefined();
  });
});
