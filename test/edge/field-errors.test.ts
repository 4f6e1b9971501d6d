import { expect, test } from "vitest";
import * as z from "zod";
import { fieldErrorsOf } from "../../edge/field-errors.ts";
import { createAuctionSchema } from "../../shared/terms.ts";

const english = {
  format: "english",
  title: "A lamp",
  currency: "EUR",
  startPrice: 100,
  increment: 10,
  endsAt: 9_999,
};

const pointersOf = (body: unknown): string[] =>
  fieldErrorsOf(createAuctionSchema.safeParse(body).error?.issues ?? []).map(({ pointer }) => pointer);

test.each<[string, object, string[]]>([
  ["a field that is wrong", { title: "" }, ["/title"]],
  ["a field that is missing", { endsAt: undefined }, ["/endsAt"]],
  ["a field that nobody knows", { colour: "red" }, ["/colour"]],
  ["several at once", { title: "", currency: "XXX" }, ["/title", "/currency"]],
  ["a format that nobody knows", { format: "candle" }, ["/format"]],
  ["a moment that is none", { endsAt: "tomorrow" }, ["/endsAt"]],
  ["a tier inside a list", { increment: [{ from: 0, step: 0 }] }, ["/increment/0/step"]],
  ["a tier's unknown field", { increment: [{ from: 0, step: 1, to: 2 }] }, ["/increment/0/to"]],
  ["a tier's field of another type", { increment: [{ from: "0", step: 1 }] }, ["/increment/0/from"]],
  ["an amount where a list may stand", { increment: 0 }, ["/increment"]],
  ["two fields against each other", { reservePrice: 1 }, ["/reservePrice"]],
  ["a field of a part", { softClose: { windowMs: 0, extendMs: 1 } }, ["/softClose/windowMs"]],
])("%s is named", (_, change, pointers) => {
  expect(pointersOf({ ...english, ...change })).toEqual(pointers);
});

test("a name with a slash or a tilde is a JSON pointer, too", () => {
  const schema = z.strictObject({ "a/b~c": z.int() });
  const { error } = schema.safeParse({ "a/b~c": "x" });
  expect(fieldErrorsOf(error?.issues ?? [])).toMatchObject([{ pointer: "/a~1b~0c" }]);
});

test("a body that is no object at all is at fault itself", () => {
  expect(pointersOf([])).toEqual([""]);
});
