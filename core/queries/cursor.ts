import type * as z from "zod";
import { InvalidQueryError } from "./query-handler.ts";

/** A place in a list as an opaque text. It holds nothing that the list does not show. */
export const encodeCursor = (place: object): string =>
  Buffer.from(JSON.stringify(place)).toString("base64url");

/** The place that a cursor names; undefined without one. Throws InvalidQueryError for a text that we did not make. */
export function decodeCursor<T>(schema: z.ZodType<T>, cursor: string | undefined): T | undefined {
  if (cursor === undefined) return undefined;
  const place = schema.safeParse(readJson(Buffer.from(cursor, "base64url").toString("utf8")));
  if (!place.success) throw new InvalidQueryError("the cursor is not one of this list");
  return place.data;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
