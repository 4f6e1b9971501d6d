import { escape, inline, pre } from "./docs-text.ts";
import type { JsonSchema } from "./json-schema.ts";

const nameOf = ($ref: string): string => $ref.slice($ref.lastIndexOf("/") + 1);

/** A schema's name as a link to where it is explained. */
export const schemaLink = (name: string): string => `<a class="type" href="#schema-${name}">${name}</a>`;

/** What a schema is, in a line: a link, a type with its bounds, a choice. */
export function typeLine(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return schemaLink(nameOf(schema.$ref));
  if (schema.const !== undefined) return `<code>${escape(JSON.stringify(schema.const))}</code>`;
  if (schema.enum !== undefined)
    return schema.enum.map((value) => `<code>${escape(JSON.stringify(value))}</code>`).join(" | ");
  const choice = schema.oneOf ?? schema.anyOf;
  if (choice !== undefined) return choice.map(typeLine).join(" | ");
  if (schema.type === "array") return `array of ${typeLine(schema.items ?? {})}${bounds(schema)}`;
  const extra = schema.additionalProperties;
  if (schema.type === "object" && typeof extra === "object") return `map of ${typeLine(extra)}`;
  return `${schema.format ?? schema.type ?? "any"}${bounds(schema)}`;
}

/** A whole schema: its fields as a table where it has some, its line otherwise. */
export function schemaBody(schema: JsonSchema): string {
  const examples = (schema.examples ?? []).map((example) => pre(JSON.stringify(example))).join("");
  if (schema.properties === undefined) return `<p class="line">${typeLine(schema)}</p>${examples}`;
  return `<table class="fields"><tbody>${rowsOf(schema, "")}</tbody></table>${examples}`;
}

function rowsOf(schema: JsonSchema, prefix: string): string {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {})
    .map(([field, property]) => {
      const row = fieldRow({ name: `${prefix}${field}`, required: required.has(field), property });
      return row + innerRows(property, `${prefix}${field}`);
    })
    .join("");
}

/** The fields of an object that has no name of its own stand below it. */
function innerRows(property: JsonSchema, name: string): string {
  if (property.properties !== undefined) return rowsOf(property, `${name}.`);
  if (property.items?.properties !== undefined) return rowsOf(property.items, `${name}[].`);
  return "";
}

function fieldRow({
  name,
  required,
  property,
}: {
  name: string;
  required: boolean;
  property: JsonSchema;
}): string {
  const inner = property.properties !== undefined ? "object" : typeLine(property);
  const about = property.description === undefined ? "" : `<div>${inline(property.description)}</div>`;
  const mark = required ? '<span class="required">required</span>' : "";
  return `<tr><th scope="row"><code>${escape(name)}</code>${mark}</th><td><div class="kind">${inner}</div>${about}</td></tr>`;
}

function bounds(schema: JsonSchema): string {
  const said: string[] = [];
  if (schema.minimum !== undefined) said.push(`≥ ${schema.minimum}`);
  if (schema.maximum !== undefined) said.push(`≤ ${schema.maximum}`);
  if (schema.minLength !== undefined && schema.minLength > 0) said.push(`≥ ${schema.minLength} characters`);
  if (schema.maxLength !== undefined) said.push(`≤ ${schema.maxLength} characters`);
  if (schema.minItems !== undefined) said.push(`≥ ${schema.minItems} items`);
  if (schema.maxItems !== undefined) said.push(`≤ ${schema.maxItems} items`);
  if (schema.pattern !== undefined) said.push(`<code>${escape(schema.pattern)}</code>`);
  if (schema.default !== undefined) said.push(`default ${escape(JSON.stringify(schema.default))}`);
  return said.length === 0 ? "" : ` <small>${said.join(", ")}</small>`;
}
