import { describe, expect, test } from "vitest";
import { createApp } from "../../../edge/app.ts";
import { problemTypes } from "../../../edge/problem-types.ts";
import {
  blockBodySchema,
  changeEndBodySchema,
  orderBodySchema,
  reasonBodySchema,
} from "../../../edge/routes/manage-bodies.ts";
import { objectsIn, type JsonSchema } from "../../../edge/web/json-schema.ts";
import { componentNotes, fieldNotes } from "../../../edge/web/notes.ts";
import { openApiDocument } from "../../../edge/web/openapi.ts";
import { bidBodySchema } from "../../../shared/bids.ts";
import { createAuctionSchema } from "../../../shared/terms.ts";
import { edgeIn, newWorld } from "./edge-under-test.ts";

const document = openApiDocument();
const { schemas } = document.components;
const calls = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);

/** Every object within a value. */
function* within(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const inner of Object.values(value)) yield* within(inner);
}

/** What a reference leads to in the document. */
const target = (ref: string): unknown =>
  ref
    .slice("#/".length)
    .split("/")
    .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document);

describe("the OpenAPI document", () => {
  test("has every route of the app, and no other", () => {
    const app = createApp(() => {
      throw new Error("not called");
    });
    const routes = app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    const described = calls.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(described.toSorted()).toEqual(Array.from(new Set(routes)).toSorted());
  });

  test("is answered as JSON, and the same each time", async () => {
    const app = edgeIn(newWorld());
    const response = await app.request("/openapi.json");
    expect(response.headers.get("content-type")).toBe("application/json");
    const text = await response.text();
    expect(JSON.parse(text)).toEqual(structuredClone(document));
    expect(await (await app.request("/openapi.json")).text()).toBe(text);
  });

  test("leads somewhere with each of its references", () => {
    const refs = Array.from(within(document), ({ $ref }) => $ref).filter((ref) => typeof ref === "string");
    const mapped = Array.from(within(document), ({ mapping }) => Object.values(mapping ?? {})).flat();
    expect(refs.length).toBeGreaterThan(300);
    expect([...refs, ...mapped].filter((ref) => target(ref as string) === undefined)).toEqual([]);
  });

  test("has every parameter of each path, required, and no id twice", () => {
    for (const { path, operation } of calls) {
      const inPath = operation.parameters
        .map(({ $ref }) => target($ref) as { name: string; in: string; required?: boolean })
        .filter((parameter) => parameter.in === "path" && parameter.required);
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    }
    const ids = calls.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("says who may do everything that is written, and requires a key only where something is created", () => {
    const writes = calls.filter(({ method }) => method === "post");
    expect(
      writes.every(({ operation }) => operation.security.every(({ bearer }) => bearer?.length === 1)),
    ).toBe(true);
    const requiring = writes.filter(({ operation }) =>
      operation.parameters.some(({ $ref }) => $ref === "#/components/parameters/IdempotencyKey"),
    );
    expect(requiring.map(({ operation }) => operation.operationId)).toEqual(["createAuction", "placeBid"]);
  });

  test("names for each answer its problems; every reason is said somewhere", () => {
    const said = new Set<string>();
    for (const { operation } of calls) {
      for (const [status, { "x-reasons": reasons = [] }] of Object.entries(operation.responses)) {
        for (const reason of reasons) {
          said.add(`${status} ${reason}`);
          expect(problemTypes).toContainEqual(expect.objectContaining({ reason, status: Number(status) }));
        }
      }
    }
    said.add("404 route_not_found");
    expect(said).toEqual(new Set(problemTypes.map(({ reason, status }) => `${status} ${reason}`)));
  });

  const bodies = {
    CreateAuction: createAuctionSchema,
    Bid: bidBodySchema,
    Reason: reasonBodySchema,
    OptionalReason: orderBodySchema,
    ChangeEnd: changeEndBodySchema,
    Block: blockBodySchema,
  };

  test("has examples that the edge would take", () => {
    for (const { operation } of calls) {
      const content = operation.requestBody?.content["application/json"];
      if (content === undefined) continue;
      const name = content.schema?.$ref?.split("/").at(-1) as keyof typeof bodies;
      for (const { value } of Object.values(content.examples ?? {}))
        expect({ value, faults: bodies[name].safeParse(value).error?.issues }).toEqual({
          value,
          faults: undefined,
        });
    }
  });

  test("tells apart the variants of every union that has names for them", () => {
    const unions = ["CreateAuction", "Auction", "PublicEvent", "ClientFrame", "ServerFrame"];
    for (const name of unions) {
      const { oneOf = [], discriminator } = schemas[name] ?? {};
      expect(Object.values(discriminator?.mapping ?? {})).toEqual(oneOf.map(({ $ref }) => $ref));
    }
  });

  test("describes only what there is", () => {
    const parts = Object.entries(schemas).flatMap(([name, schema]) =>
      Array.from(objectsIn(schema), (part: JsonSchema) => Object.keys(part.properties ?? {})).flatMap(
        (fields) => fields.map((field) => ({ name, field })),
      ),
    );
    const fields = new Set(parts.map(({ field }) => field));
    expect(Object.keys(fieldNotes).filter((field) => !fields.has(field))).toEqual([]);
    for (const [name, notes] of Object.entries(componentNotes)) {
      expect(Object.keys(schemas)).toContain(name);
      const own = parts.filter((part) => part.name === name).map(({ field }) => field);
      // What an outcome says is written down once, for all that have a part of it.
      const missing = Object.keys(notes.fields ?? {}).filter((field) => !own.includes(field));
      expect({ name, missing }).toEqual({ name, missing: [] });
    }
  });
});
