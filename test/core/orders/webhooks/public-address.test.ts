import { describe, expect, test } from "vitest";
import { addressPolicy } from "../../../../core/orders/webhooks/public-address.ts";
import {
  readWebhookUrl,
  resolveTarget,
  systemResolve,
} from "../../../../core/orders/webhooks/webhook-target.ts";
import { FORBIDDEN_HOSTS } from "./forbidden-hosts.ts";

const publicOnly = addressPolicy("");
const noName = (): Promise<string[]> => Promise.reject(new Error("nobody asks for a name"));
const named =
  (...addresses: string[]) =>
  () =>
    Promise.resolve(addresses);

describe("an address that is not public", () => {
  test.each(FORBIDDEN_HOSTS)("is refused: %s, %s", async (_, host) => {
    const deps = { resolve: noName, policy: publicOnly };
    await expect(resolveTarget(deps, `https://${host}/hook`)).rejects.toThrow("not a public address");
  });

  test.each(FORBIDDEN_HOSTS.filter(([, host]) => /^[\d.]+$/.test(host) && host.split(".").length === 4))(
    "is refused behind a name, alone or beside a public one: %s, %s",
    async (_, address) => {
      for (const addresses of [[address], ["93.184.216.34", address], [address, "93.184.216.34"]]) {
        const deps = { resolve: named(...addresses), policy: publicOnly };
        await expect(resolveTarget(deps, "https://hook.example/")).rejects.toThrow("not a public address");
      }
    },
  );

  test("is refused behind localhost, as this machine's own resolver has it", async () => {
    const deps = { resolve: systemResolve, policy: publicOnly };
    await expect(resolveTarget(deps, "https://localhost/")).rejects.toThrow("not a public address");
  });
});

test.each(["93.184.216.34", "172.32.0.1", "100.128.0.1", "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]"])(
  "a public address is permitted: %s",
  async (host) => {
    const deps = { resolve: noName, policy: publicOnly };
    const { address } = await resolveTarget(deps, `https://${host}/hook`);
    expect(host).toContain(address);
  },
);

test.each([
  ["http://hook.example/", "is not https"],
  ["ftp://hook.example/", "is not https"],
  ["file:///etc/passwd", "is not https"],
  ["gopher://hook.example:70/", "is not https"],
  ["https://user@hook.example/", "has a user"],
  ["https://:secret@hook.example/", "has a user or a password"],
  ["https://hook.example:22/", "names port 22"],
  ["https://hook.example:25/", "names port 25"],
  ["https://hook.example/#part", "has a fragment"],
  ["hook.example", "is not a URL"],
  ["https://", "is not a URL"],
  ["https://[fe80::1%25eth0]/", "is not a URL"],
  [`https://hook.example/${"x".repeat(2_048)}`, "is longer"],
])("the URL %s %s", async (url, why) => {
  const deps = { resolve: named("93.184.216.34"), policy: publicOnly };
  await expect(resolveTarget(deps, url)).rejects.toThrow(why);
});

test("an operator allows ranges by name and by number, and only there plain HTTP", async () => {
  const policy = addressPolicy("loopback, 10.1.0.0/16,fd12::/16");
  for (const host of ["127.0.0.1", "[::1]", "10.1.255.1", "[fd12::1]"]) {
    const target = await resolveTarget({ resolve: noName, policy }, `http://${host}:8080/hook`);
    expect(target.url.port).toBe("8080");
  }
  for (const host of ["10.2.0.1", "192.168.0.1", "[fd13::1]", "169.254.169.254"]) {
    await expect(resolveTarget({ resolve: noName, policy }, `https://${host}/`)).rejects.toThrow("public");
  }
  await expect(resolveTarget({ resolve: named("8.8.8.8"), policy }, "http://a.example/")).rejects.toThrow(
    "is not https",
  );
  expect(addressPolicy("private").permits("192.168.0.1")).toBe(true);
  expect(addressPolicy("private").permits("127.0.0.1")).toBe(false);
});

test.each(["10.0.0.0", "localhost", "10.0.0.0/33", "::1/129", "300.0.0.0/8", "loopback;private"])(
  "what names no range is not taken for one: %s",
  (word) => {
    expect(() => addressPolicy(word)).toThrow(`"${word}" is neither a range`);
  },
);

test("a name without an address is an error that may pass", async () => {
  await expect(
    resolveTarget({ resolve: noName, policy: publicOnly }, "https://a.example/"),
  ).rejects.toMatchObject({ retryable: true, message: expect.stringContaining("no address now") as string });
  await expect(
    resolveTarget({ resolve: named(), policy: publicOnly }, "https://a.example/"),
  ).rejects.toMatchObject({ retryable: true });
});

test("of several addresses each attempt takes the next", async () => {
  const deps = { resolve: named("1.1.1.1", "8.8.8.8"), policy: publicOnly };
  const chosen = await Promise.all(
    [0, 1, 2].map((attempt) => resolveTarget(deps, "https://a.example/", attempt)),
  );
  expect(chosen.map(({ address }) => address)).toEqual(["1.1.1.1", "8.8.8.8", "1.1.1.1"]);
});

test("the URL keeps its path and query", () => {
  const url = readWebhookUrl("https://Hook.Example:8443/a/b?c=d");
  expect([url.hostname, url.port, url.pathname, url.search]).toEqual([
    "hook.example",
    "8443",
    "/a/b",
    "?c=d",
  ]);
});
