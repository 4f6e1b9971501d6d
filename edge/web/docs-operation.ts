import { curlOf, parametersOf, type Call } from "./curl.ts";
import { schemaBody, schemaLink, typeLine } from "./docs-schema.ts";
import { escape, inline, markdown, pre } from "./docs-text.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { OpenApiDocument, ResponseObject } from "./openapi.ts";

/** One operation: what it does and takes on the left, how to call it on the right. */
export function operationSection(document: OpenApiDocument, call: Call): string {
  const { method, path, operation } = call;
  return `<section class="operation" id="${operation.operationId}">
<div class="about">
<h3><a href="#${operation.operationId}">${escape(operation.summary)}</a></h3>
<p class="route"><span class="method ${method}">${method.toUpperCase()}</span> <code>${pathHtml(path)}</code></p>
<p class="roles">${rolesLine(call)}</p>
${operation.description === undefined ? "" : markdown(operation.description)}
${parameterTable(document, call)}${requestBody(document, call)}${responseTable(document, call)}
</div>
<div class="samples">${pre(curlOf(document, call))}${exampleBodies(call)}</div>
</section>`;
}

const pathHtml = (path: string): string =>
  escape(path).replaceAll(/\{(\w+)\}/g, '<span class="hole">{$1}</span>');

function rolesLine({ operation }: Call): string {
  const roles = operation.security.flatMap(({ bearer = [] }) => bearer);
  if (roles.length === 0) return "For everybody.";
  return `For ${roles.map((role) => `<span class="role">${role}</span>`).join(" or ")}.`;
}

function parameterTable(document: OpenApiDocument, { operation }: Call): string {
  const rows = parametersOf(document, operation).map(({ name, in: place, required, description, schema }) => {
    const mark = required ? '<span class="required">required</span>' : "";
    return `<tr><th scope="row"><code>${name}</code><span class="place">${place}</span>${mark}</th><td><div class="kind">${typeLine(schema)}</div><div>${inline(description)}</div></td></tr>`;
  });
  return rows.length === 0
    ? ""
    : `<h4>Parameters</h4><table class="fields"><tbody>${rows.join("")}</tbody></table>`;
}

function requestBody(document: OpenApiDocument, { operation }: Call): string {
  const name = componentOf(operation.requestBody?.content["application/json"]?.schema);
  if (name === undefined) return "";
  const empty = operation.requestBody?.required ? "" : "<p>It may be left out.</p>";
  return `<h4>Body: ${schemaLink(name)}</h4>${empty}${componentBody(document, name)}`;
}

function responseTable(document: OpenApiDocument, { operation }: Call): string {
  const rows = Object.entries(operation.responses).map(
    ([status, response]) =>
      `<tr><th scope="row"><span class="status s${status.charAt(0)}">${status}</span></th><td>${answerOf(document, response)}</td></tr>`,
  );
  return `<h4>Answers</h4><table class="answers"><tbody>${rows.join("")}</tbody></table>`;
}

function answerOf(document: OpenApiDocument, response: ResponseObject): string {
  const reasons = response["x-reasons"];
  if (reasons !== undefined)
    return reasons.map((reason) => `<a class="reason" href="#problem-${reason}">${reason}</a>`).join(" ");
  const [mediaType, content] = Object.entries(response.content ?? {})[0] ?? [];
  const kind =
    mediaType === undefined || mediaType === "application/json" ? "" : ` <small>${mediaType}</small>`;
  const headers = Object.keys(response.headers ?? {}).map((name) => {
    const about = document.components.headers[name]?.description.replaceAll("`", "") ?? "";
    return `<abbr title="${escape(about)}">${name}</abbr>`;
  });
  const withHeaders = headers.length === 0 ? "" : `<div class="headers">${headers.join(" · ")}</div>`;
  const name = componentOf(content?.schema);
  const fields =
    name === undefined
      ? ""
      : `<details><summary>${name}</summary><p>${schemaLink(name)}</p>${componentBody(document, name)}</details>`;
  return `${inline(response.description)}${kind}${withHeaders}${fields}`;
}

const componentOf = (schema: JsonSchema | undefined): string | undefined =>
  schema?.$ref?.slice("#/components/schemas/".length);

/** A component where it is used: its fields, or those of each of its variants. */
function componentBody({ components }: OpenApiDocument, name: string): string {
  const schema = components.schemas[name] ?? {};
  const variants = schema.oneOf?.map(componentOf).filter((variant) => variant !== undefined) ?? [];
  if (variants.length === 0) return schemaBody(schema);
  return variants
    .map((variant) => {
      const body = components.schemas[variant] ?? {};
      const about = body.description === undefined ? "" : ` <small>${inline(body.description)}</small>`;
      return `<details><summary><strong>${variant}</strong>${about}</summary>${schemaBody(body)}</details>`;
    })
    .join("");
}

function exampleBodies({ operation }: Call): string {
  const examples = Object.entries(operation.requestBody?.content["application/json"]?.examples ?? {});
  if (examples.length < 2) return "";
  return examples
    .map(
      ([name, { value }]) =>
        `<details><summary>${escape(name)}</summary>${pre(JSON.stringify(value, null, 2))}</details>`,
    )
    .join("");
}
