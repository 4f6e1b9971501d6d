import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { listEndpoints } from "../../../core/shards/webhook-endpoints.ts";
import { isGenuine } from "../../core/orders/webhooks/is-genuine.ts";
import { type PostOffice, startPostOffice } from "../../core/orders/webhooks/post-office.ts";
import { type Receiver, startReceiver } from "../../core/orders/webhooks/webhook-receiver.ts";
import { until } from "../../core/sequencer/cluster.ts";
import { type OpsRun, runInProcess } from "./run-in-process.ts";

let office: PostOffice;
let receiver: Receiver;
beforeAll(async () => {
  office = await startPostOffice();
});
afterAll(() => office.close());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await office.empty();
  await receiver.die();
});

const ops = (words: readonly string[], env: Record<string, string> = {}): Promise<OpsRun> =>
  runInProcess(["webhooks", ...words], {
    LASTCALL_SHARDS: office.urls.join(","),
    LASTCALL_WEBHOOK_ALLOW: "loopback",
    ...env,
  });

async function added(...words: string[]): Promise<{ id: string; secret: string }> {
  const { stdout, stderr } = await ops(["add", ...words]);
  const [, id, secret] = /^added (wh-[0-9a-f]{16})\n.*: (whsec_\S+)\n$/.exec(stdout) ?? [];
  if (id === undefined || secret === undefined) throw new Error(`not added: ${stdout}${stderr}`);
  return { id, secret };
}

const listed = async (): Promise<Record<string, unknown>[]> => {
  const lines = (await ops(["list", "--json"])).stdout.trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
};

describe("add", () => {
  test("writes the endpoint to every shard, tells the secret once, and changes nothing the second time", async () => {
    const { id, secret } = await added(`${receiver.url}?token=hush`, "--seller", "sam");
    for (const shard of office.shards)
      expect(await listEndpoints(shard)).toEqual([
        { endpointId: id, url: `${receiver.url}?token=hush`, secret, sellerId: "sam", paused: false },
      ]);
    const again = await ops(["add", `${receiver.url}?token=hush`, "--seller", "sam"]);
    expect(again).toMatchObject({ ok: true, stdout: `${id} is there already; nothing has changed\n` });
    expect(await listed()).toHaveLength(1);
    const shown = (await ops(["list"])).stdout + (await ops(["list", "--json"])).stdout;
    expect(shown).toContain(`${receiver.url}?…`);
    expect(shown).not.toMatch(/hush|whsec_/);
  });

  test("the same URL for another seller, or for all, is another endpoint", async () => {
    const ids = [await added(receiver.url), await added(receiver.url, "--seller", "sam")];
    expect(new Set(ids.map(({ id }) => id)).size).toBe(2);
    expect(new Set(ids.map(({ secret }) => secret)).size).toBe(2);
  });

  test("completes it on a shard that lacks it, with the secret that the others have", async () => {
    const { id, secret } = await added(receiver.url);
    for (const { sql } of office.shards.slice(1)) await sql`delete from webhook_endpoints`;
    expect(await listed()).toMatchObject([{ endpointId: id, missingOn: [1] }]);
    expect((await ops(["list"])).stdout).toContain("not on shard 1");
    const again = await ops(["add", receiver.url]);
    expect(again.stdout).toBe(`${id} was there; added to shard 1\n`);
    for (const shard of office.shards) expect(await listEndpoints(shard)).toMatchObject([{ secret }]);
  });

  test("writes nothing while a shard cannot be reached, and says which", async () => {
    const nowhere = "postgres://nobody:hush@127.0.0.1:1/none";
    const run = await ops(["add", receiver.url], { LASTCALL_SHARDS: [office.urls[0], nowhere].join(",") });
    expect(run).toMatchObject({ ok: false, stdout: "" });
    expect(run.stderr).toBe("not every shard can be reached: shard 1 (ECONNREFUSED)\n");
    expect((await ops(["list"])).stdout).toContain("no endpoints");
  });

  test("refuses what cores would refuse", async () => {
    const refused = async (url: string, allow = ""): Promise<string> => {
      const run = await ops(["add", url], { LASTCALL_WEBHOOK_ALLOW: allow });
      expect(run).toMatchObject({ ok: false, stdout: "" });
      return run.stderr;
    };
    expect(await refused(receiver.url)).toContain("127.0.0.1, which is not a public address");
    expect(await refused("https://localhost/")).toContain("not a public address");
    expect(await refused("https://169.254.169.254/", "loopback,private")).toContain("not a public address");
    expect(await refused("http://93.184.216.34/")).toContain("is not https");
    expect(await refused("https://a:b@93.184.216.34/")).toContain("has a user");
    expect(await refused(receiver.url, "everything")).toContain('"everything" is neither');
    expect((await ops(["add"])).stderr).toContain("name one URL");
    expect((await ops(["add", receiver.url, "--seller", "no such id!"])).ok).toBe(false);
    expect((await ops(["list"])).stdout).toContain("no endpoints");
  });
});

test("a signed message goes out once, and what came of it is told", async () => {
  const { id, secret } = await added(receiver.url);
  const run = await ops(["test", id]);
  expect(run.stdout).toMatch(new RegExp(`^${id} answered HTTP 200 after \\d+ ms\n$`));
  const [message] = receiver.received;
  if (message === undefined) throw new Error("nothing was sent");
  const { body, headers } = message;
  expect(isGenuine(secret, headers as Record<string, string>, body)).toBe(true);
  expect(JSON.parse(body)).toMatchObject({ type: "webhook.test", id: headers["webhook-id"] });
  receiver.answer = () => 404;
  expect(await ops(["test", id])).toMatchObject({
    ok: false,
    stderr: expect.stringContaining("answered HTTP 404") as string,
  });
  await receiver.die();
  expect((await ops(["test", id])).stderr).toBe("ECONNREFUSED\n");
  expect((await ops(["test", "wh-none"])).stderr).toContain("there is no endpoint wh-none");
});

test("what was given up is listed, and sent again when asked for", async () => {
  const { id } = await added(receiver.url);
  receiver.answer = () => 410;
  const told = [...(await office.tell("lot-a")), ...(await office.tell("lot-b"))];
  const deliverer = office.deliver();
  const allDead = async (): Promise<boolean> => {
    deliverer.wake();
    return (await office.rows()).every(({ dead }) => dead);
  };
  await until(allDead);
  const { stdout } = await ops(["dead", "--json"]);
  const lines = stdout.trim().split("\n");
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events).toMatchObject(told.map(() => ({ endpointId: id, attempts: 1, error: "HTTP 410" })));
  expect(new Set(events.map(({ eventId }) => eventId))).toEqual(new Set(told));
  expect((await ops(["dead", "--limit", "1"])).stderr).toContain("there are more");
  expect((await ops(["dead", "--endpoint", "wh-none"])).stdout).toBe("none was given up\n");
  expect(await listed()).toMatchObject([{ waiting: 0, dead: 2 }]);

  expect((await ops(["redeliver"])).stderr).toContain("say which");
  receiver.answer = () => 200;
  expect((await ops(["redeliver", "--event", told[0] ?? ""])).stdout).toBe("made due again: 1\n");
  await until(async () => (await allDead()) && receiver.taken.length === 1);
  expect((await ops(["redeliver", "--all"])).stdout).toBe("made due again: 1\n");
  await until(async () => (await office.rows()).length === 0 || (deliverer.wake(), false));
  expect(receiver.taken.map((one) => one.id)).toEqual(told);
  expect((await ops(["dead"])).stdout).toBe("none was given up\n");
});

test("pause, resume and remove", async () => {
  const { id } = await added(receiver.url);
  expect((await ops(["pause", id])).stdout).toBe(`paused ${id}\n`);
  await office.tell("lot");
  expect(await listed()).toMatchObject([{ paused: true, waiting: 1 }]);
  expect((await ops(["list"])).stdout).toMatch(/paused +1 /);
  expect((await ops(["resume", id])).stdout).toBe(`resumed ${id}\n`);
  expect(await listed()).toMatchObject([{ paused: false }]);
  expect((await ops(["remove", id])).stdout).toBe(`removed ${id}\n`);
  expect(await office.rows()).toEqual([]);
  for (const command of ["remove", "pause", "resume"])
    expect((await ops([command, id])).stderr).toContain(`there is no endpoint ${id}`);
});

test("each command explains itself", async () => {
  const group = (await ops([])).stdout;
  for (const command of ["add", "list", "test", "pause", "resume", "remove", "dead", "redeliver"]) {
    expect(group).toContain(command);
    expect((await ops([command, "--help"])).stdout).toContain(`npm run ops -- webhooks ${command}`);
  }
});
