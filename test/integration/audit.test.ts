import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import {
  createAuction,
  edgeOf,
  type Edge,
  openLive,
  placeBid,
  post,
  request,
  sealedTerms,
  tokenFor,
} from "../support/client.ts";
import { sharedStack } from "../support/stack.ts";

const run = promisify(execFile);

/** `npm run verify-audit -- …`: what it says, and whether it found everything right. */
async function verifyAudit(text: string, ...words: string[]): Promise<{ ok: boolean; said: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), "lastcall-audit-"));
  try {
    const file = path.join(folder, "audit.ndjson");
    await writeFile(file, text);
    const { stdout } = await run(process.execPath, ["infra/verify-audit/main.ts", file, ...words]);
    return { ok: true, said: stdout };
  } catch (error) {
    return { ok: false, said: String((error as { stdout?: string }).stdout) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function auditOf(edge: Edge, auctionId: string): Promise<string> {
  const response = await fetch(`${edge.url}/v1/auctions/${auctionId}/audit`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("application/x-ndjson");
  return await response.text();
}

test("the receipts that bidders were given, over HTTP and a socket, retries too, are in the audit that anybody may fetch", async () => {
  const edge = edgeOf(sharedStack());
  const { id: auctionId } = await createAuction(edge);
  const alice = await tokenFor(edge, "alice-of-audits", "bidder");
  const bob = await tokenFor(edge, "bob-of-audits", "bidder");
  const first = await placeBid(edge, auctionId, { token: alice, key: "first", amount: 1_000 });
  const refused = await placeBid(edge, auctionId, { token: bob, key: "refused", amount: 1_001 });
  const again = await placeBid(edge, auctionId, { token: alice, key: "first", amount: 1_000 });
  const live = await openLive(edge, auctionId, { token: bob });
  const frame = (await live.bid(1_500, "by-socket")) as unknown as Record<string, unknown>;
  await live.close();
  const looked = await request(edge, `/v1/auctions/${auctionId}/bids/${String(first.body["bidId"])}`);
  expect(again.body["chain"]).toBe(first.body["chain"]);
  expect(looked.body).toMatchObject({ chain: first.body["chain"] });

  const audit = await auditOf(edge, auctionId);
  for (const receipt of [first.body, refused.body, frame]) {
    expect(receipt["chain"]).toMatch(/^[0-9a-f]{64}$/);
    const { ok, said } = await verifyAudit(audit, "--receipt", String(receipt["chain"]));
    expect(said).toContain(
      `the receipt is that of seq ${String(receipt["seq"])}, at ${String(receipt["at"])}`,
    );
    expect(ok).toBe(true);
  }
  expect(audit).not.toMatch(/-of-audits|"first"|"refused"|"by-socket"/);
  const forged = await verifyAudit(audit.replace('"amount":1500', '"amount":1400'));
  expect(forged).toMatchObject({
    ok: false,
    said: expect.stringContaining("the chain does not follow") as string,
  });
});

test("a sealed auction's audit has no amount before the close (I10), and every one of them after it", async () => {
  const edge = edgeOf(sharedStack());
  const { id: auctionId } = await createAuction(edge, { terms: sealedTerms() });
  const token = await tokenFor(edge, "carol-of-audits", "bidder");
  await placeBid(edge, auctionId, { token, key: "sealed", amount: 765_432 });
  const before = await auditOf(edge, auctionId);
  expect(before).not.toContain("765432");
  expect((await verifyAudit(before)).said).toContain("not revealed before the close");
  const operator = await tokenFor(edge, "olga-of-audits", "operator");
  await post(edge, `/v1/auctions/${auctionId}/end`, { token: operator, body: { reason: "enough" } });
  const after = await auditOf(edge, auctionId);
  expect(after).toContain('"value":765432');
  const { ok, said } = await verifyAudit(after);
  expect(said).toContain("by the rules");
  expect(said).not.toContain("not checked");
  expect(ok).toBe(true);
});
