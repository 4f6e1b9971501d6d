import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Trial, TrialOutcome, TrialReport } from "./post-trials.ts";
import { selfSigned } from "./self-signed.ts";

const bin = path.join(import.meta.dirname, "../../../../node_modules/.bin");
const script = path.join(import.meta.dirname, "post-trials.ts");

interface Seen {
  readonly path: string;
  readonly host: string | undefined;
  readonly serverName: string;
  readonly body: string;
}

let folder: string;
let tls: https.Server;
let plain: http.Server;
/** Accepts connections and says nothing. */
let mute: net.Server;
const seen: Seen[] = [];
const seenPlain: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "lastcall-post-"));
  const { cert, key } = selfSigned("hook.example");
  await writeFile(path.join(folder, "ca.pem"), cert);
  const used = new WeakSet<net.Socket>();
  plain = http.createServer((request, response) => {
    seenPlain.push(request.url ?? "");
    // As a proxy does that has just lost its patience with an idle connection.
    if (used.has(request.socket)) request.socket.destroy();
    else response.end();
    used.add(request.socket);
  });
  tls = https.createServer({ cert, key }, answer);
  mute = net.createServer(() => {});
  for (const server of [tls, plain, mute])
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
});
afterAll(async () => {
  for (const server of [tls, plain]) server.closeAllConnections();
  for (const server of [tls, plain, mute]) server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  seen.length = 0;
  seenPlain.length = 0;
});

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  const { url = "", headers, socket } = request;
  let body = "";
  request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
  request.on("end", () => {
    const serverName = String((socket as { servername?: unknown }).servername);
    seen.push({ path: url, host: headers.host, serverName, body });
    if (url === "/moved")
      response.writeHead(307, { location: `http://127.0.0.1:${portOf(plain)}/secret` }).end();
    else if (url === "/later") response.writeHead(503, { "retry-after": "120" }).end("busy");
    else if (url === "/endless") {
      const timer = setInterval(() => response.write(Buffer.alloc(8_192)), 1);
      response.on("close", () => clearInterval(timer));
    } else if (url === "/drip") {
      response.writeHead(200).flushHeaders();
      const timer = setInterval(() => response.write("."), 50);
      response.on("close", () => clearInterval(timer));
    } else if (url !== "/silent") response.end("thanks");
  });
}

const portOf = (server: net.Server): number => (server.address() as AddressInfo).port;

async function report(runtime: string, trials: readonly Trial[]): Promise<TrialReport> {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: path.join(folder, "ca.pem") };
  const command = path.join(bin, runtime);
  const { stdout } = await promisify(execFile)(command, [script, JSON.stringify(trials)], { env });
  return JSON.parse(stdout) as TrialReport;
}

/** The core runs on Bun, `npm run ops` on Node; both must keep to the address. */
describe.each(["bun", "node"])("on %s, a webhook", (runtime) => {
  const send = async (url: string, answers = ["127.0.0.1"], allow = "loopback"): Promise<TrialOutcome> => {
    const { outcomes } = await report(runtime, [{ url, answers, allow }]);
    if (outcomes[0] === undefined) throw new Error("no outcome");
    return outcomes[0];
  };

  test("goes to the address that was checked, with the name's certificate verified", async () => {
    const outcome = await send(`https://hook.example:${portOf(tls)}/a?b=c`);
    expect(outcome).toMatchObject({ status: 200, looks: 1 });
    const host = `hook.example:${portOf(tls)}`;
    expect(seen).toEqual([{ path: "/a?b=c", host, serverName: "hook.example", body: '{"ü":1}' }]);
  });

  test("is not sent when the certificate is for another name, or for no address", async () => {
    const other = await send(`https://other.example:${portOf(tls)}/`);
    expect(other.error).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    const bare = await send(`https://127.0.0.1:${portOf(tls)}/`);
    expect(bare.error).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    expect(seen).toEqual([]);
  });

  test("follows no redirect", async () => {
    expect(await send(`https://hook.example:${portOf(tls)}/moved`)).toMatchObject({ status: 307 });
    expect(seenPlain).toEqual([]);
  });

  test("asks the name service once: an answer that changes after the check changes nothing", async () => {
    // The first address is public and leads nowhere; the second is where the attacker wants it.
    const rebinding = await send(
      `https://hook.example:${portOf(tls)}/`,
      ["192.0.2.1", "127.0.0.1"],
      "192.0.2.0/24",
    );
    expect(rebinding.looks).toBe(1);
    expect(rebinding.status).toBeUndefined();
    expect(rebinding.error).toBeDefined();
    expect(seen).toEqual([]);
  });

  test("uses a connection again for the same name, never for another at the same address", async () => {
    const connections: unknown[] = [];
    const count = (socket: unknown): void => void connections.push(socket);
    tls.on("secureConnection", count);
    const common = { answers: ["127.0.0.1"], allow: "loopback", times: 3 };
    const urls = ["hook", "other"].map((name) => `https://${name}.example:${portOf(tls)}/`);
    const { outcomes } = await report(
      runtime,
      urls.map((url) => ({ ...common, url })),
    );
    tls.off("secureConnection", count);
    expect(outcomes).toMatchObject([{ status: 200 }, { error: "ERR_TLS_CERT_ALTNAME_INVALID" }]);
    expect(seen.map(({ serverName }) => serverName)).toEqual([
      "hook.example",
      "hook.example",
      "hook.example",
    ]);
    expect(connections).toHaveLength(1);
  });

  test("is sent once more on a new connection when the kept one had been ended", async () => {
    const url = `http://hook.example:${portOf(plain)}/again`;
    const trial = { url, answers: ["127.0.0.1"], allow: "loopback", times: 2 };
    expect((await report(runtime, [trial])).outcomes).toMatchObject([{ status: 200 }]);
    // The first, the one that nobody answered, and that one again.
    expect(seenPlain).toEqual(["/again", "/again", "/again"]);
  });

  test("says when to come again, where the receiver does", async () => {
    expect(await send(`https://hook.example:${portOf(tls)}/later`)).toMatchObject({
      status: 503,
      retryAfter: "120",
    });
  });

  test("reads no more of an answer than it must, and waits no longer than it may", async () => {
    const slow = [
      `https://hook.example:${portOf(tls)}/silent`,
      `https://hook.example:${portOf(tls)}/drip`,
      `https://hook.example:${portOf(mute)}/`,
      `http://hook.example:${portOf(mute)}/`,
    ];
    const urls = [`https://hook.example:${portOf(tls)}/endless`, ...slow];
    const trials = urls.map((url) => ({ url, answers: ["127.0.0.1"], allow: "loopback" }));
    const [endless, ...late] = (await report(runtime, trials)).outcomes;
    expect(endless).toMatchObject({ status: 200 });
    const inTime = expect.stringMatching(/^no (answer|connection) in time$/) as string;
    expect(late.map(({ error }) => error)).toEqual(slow.map(() => inTime));
  });

  test("is refused to each forbidden host", async () => {
    expect((await report(runtime, [])).permitted).toEqual([]);
  });
});
