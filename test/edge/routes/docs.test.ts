import { describe, expect, test } from "vitest";
import { problemTypes, typeUrl } from "../../../edge/problem-types.ts";
import { openApiDocument } from "../../../edge/web/openapi.ts";
import { edgeIn, newWorld } from "./edge-under-test.ts";

const page = async (path: string) => {
  const response = await edgeIn(newWorld()).request(path);
  return { response, html: await response.text() };
};

const anchorsOf = (html: string): string[] =>
  Array.from(html.matchAll(/ id="([^"]+)"/g), ([, id = ""]) => id);

describe("/docs", () => {
  test("is a page of its own, which needs no script and no other host", async () => {
    const { response, html } = await page("/docs");
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|https?:\/\/(?!localhost)/);
    expect(html).toContain("prefers-color-scheme:dark");
  });

  test("has an anchor for every operation, with its call, and for every schema", async () => {
    const { html } = await page("/docs");
    const anchors = anchorsOf(html);
    const { paths, components } = openApiDocument();
    for (const item of Object.values(paths))
      for (const { operationId } of Object.values(item)) expect(anchors).toContain(operationId);
    for (const name of Object.keys(components.schemas)) expect(anchors).toContain(`schema-${name}`);
    expect(html).toContain("curl -X POST &quot;$EDGE/v1/auctions&quot;");
  });

  test("leads somewhere with each of its links, and names no anchor twice", async () => {
    const { html } = await page("/docs");
    const anchors = anchorsOf(html);
    expect(new Set(anchors).size).toBe(anchors.length);
    const links = Array.from(html.matchAll(/href="#([^"]+)"/g), ([, id = ""]) => id);
    expect(links.length).toBeGreaterThan(200);
    expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
  });

  test("closes every tag that it opens", async () => {
    for (const path of ["/docs", "/docs/problems"]) {
      const { html } = await page(path);
      const open: string[] = [];
      for (const [, slash, name = ""] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
        if (name === "meta") continue;
        if (slash === "") open.push(name);
        else expect(open.pop()).toBe(name);
      }
      expect(open).toEqual([]);
    }
  });
});

describe("/docs/problems", () => {
  test.each(problemTypes)(
    "explains $reason ($status) where its type leads",
    async ({ reason, status, title }) => {
      const [path = "", anchor] = typeUrl(reason).split("#");
      const { html } = await page(path);
      const row = html.slice(html.indexOf(`id="${anchor}"`)).split("</tr>")[0];
      expect(row).toContain(`>${status}</span> ${title.replaceAll("&", "&amp;")}`);
    },
  );

  test("has every reason that /docs has", async () => {
    const { html } = await page("/docs");
    for (const { reason } of problemTypes) expect(html).toContain(`id="problem-${reason}"`);
  });
});
