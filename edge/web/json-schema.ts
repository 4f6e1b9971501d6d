/** The part of JSON Schema 2020-12 (in OpenAPI's dialect) that zod's own generator uses. */
export interface JsonSchema {
  $ref?: string;
  type?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  propertyNames?: JsonSchema;
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  enum?: (string | number)[];
  const?: string | number | boolean;
  default?: unknown;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  examples?: unknown[];
  discriminator?: { propertyName: string; mapping: Record<string, string> };
}

/** The schema and every schema within it. */
export function* objectsIn(schema: JsonSchema): Generator<JsonSchema> {
  yield schema;
  const { properties, items, additionalProperties, oneOf = [], anyOf = [], allOf = [] } = schema;
  const inner = [...Object.values(properties ?? {}), ...oneOf, ...anyOf, ...allOf];
  if (items !== undefined) inner.push(items);
  if (typeof additionalProperties === "object") inner.push(additionalProperties);
  for (const part of inner) yield* objectsIn(part);
}

export const schemaRef = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
