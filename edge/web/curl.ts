import type { OpenApiDocument, OperationObject } from "./openapi.ts";
import type { Parameter } from "./parameters.ts";

/** What the reader fills in, beside `EDGE` and `TOKEN`. */
const VARIABLES = { "{id}": "$AUCTION", "{bidId}": "$BID", "{orderId}": "$ORDER" };

export interface Call {
  method: string;
  path: string;
  operation: OperationObject;
}

/** The parameters of a call, read through their references. */
export function parametersOf(document: OpenApiDocument, operation: OperationObject): Parameter[] {
  return operation.parameters.flatMap(({ $ref }) => {
    const parameter = document.components.parameters[$ref.slice("#/components/parameters/".length)];
    return parameter === undefined ? [] : [parameter];
  });
}

/** A command that makes the call, with the document's own examples. */
export function curlOf(document: OpenApiDocument, { method, path, operation }: Call): string {
  const given = parametersOf(document, operation);
  const url = Object.entries(VARIABLES).reduce(
    (text, [hole, variable]) => text.replace(hole, variable),
    path,
  );
  const lines = [`curl ${method === "get" ? "" : "-X POST "}"$EDGE${url}"`];
  if (operation.security.some(({ bearer }) => bearer !== undefined))
    lines.push(`-H "Authorization: Bearer $TOKEN"`);
  if (
    given.some(
      ({ in: place, name, required }) => place === "header" && required && name === "Idempotency-Key",
    )
  )
    lines.push(`-H "Idempotency-Key: my-$(date +%s)"`);
  if (operation.responses["200"]?.content?.["text/event-stream"] !== undefined)
    lines.push(`-N -H "Accept: text/event-stream"`);
  const content = operation.requestBody?.content["application/json"];
  const [first] = Object.values(content?.examples ?? {});
  if (first !== undefined && operation.requestBody?.required)
    lines.push(`-H "Content-Type: application/json"`, `-d '${JSON.stringify(first.value)}'`);
  return lines.join(" \\\n  ");
}
