import { problemTypes, type ProblemType } from "../problem-types.ts";
import type { Call } from "./curl.ts";
import { operationSection } from "./docs-operation.ts";
import { schemaBody } from "./docs-schema.ts";
import { STYLE } from "./docs-style.ts";
import { escape, inline, markdown, pre } from "./docs-text.ts";
import type { OpenApiDocument } from "./openapi.ts";

/** The document for people: one page that needs no script and no other host. */
export function docsPage(document: OpenApiDocument): string {
  const calls = callsOf(document);
  const nav = `<nav aria-label="Contents"><a class="brand" href="#top">Lastcall</a>${navOf(document, calls)}</nav>`;
  const main = `<main>
<header id="top"><h1>${escape(document.info.title)}</h1><p class="lead">${escape(document.info.summary)}</p>
<div class="intro"><div class="about">${markdown(document.info.description)}<p>The same for machines: <a href="/openapi.json">OpenAPI 3.1</a>.</p></div>
<div class="samples">${pre('EDGE=http://localhost:8787\nTOKEN=$(npm run -s token -- --sub alice --role bidder)\n\ncurl "$EDGE/v1/auctions?status=open"')}</div></div></header>
${document.tags.map((tag) => tagSection(document, calls, tag)).join("\n")}
<section id="problems"><h2>Problems</h2>${problemTable(calls)}</section>
<section id="schemas"><h2>Schemas</h2>${schemaSections(document)}</section>
</main>`;
  return pageOf("Lastcall API", `${nav}${main}`);
}

/** Only the problems: where every problem's `type` leads. */
export function problemsPage(document: OpenApiDocument): string {
  return pageOf(
    "Lastcall problems",
    `<main class="alone"><h1>Problems</h1><p class="lead">Every <code>reason</code> that an answer of <a href="/docs">the API</a> may have.</p>${problemTable(callsOf(document), "", "/docs")}</main>`,
  );
}

function pageOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title}</title><style>${STYLE}</style></head>
<body>${body}</body></html>`;
}

function callsOf(document: OpenApiDocument): Call[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  );
}

function navOf(document: OpenApiDocument, calls: Call[]): string {
  const groups = document.tags.map(({ name }) => {
    const links = calls
      .filter(({ operation }) => operation.tags.includes(name))
      .map(
        ({ method, operation }) =>
          `<li><a href="#${operation.operationId}"><span class="method ${method}">${method.toUpperCase()}</span>${escape(operation.summary)}</a></li>`,
      );
    return `<h2>${name}</h2><ul>${links.join("")}</ul>`;
  });
  return `${groups.join("")}<h2>Reference</h2><ul><li><a href="#problems">Problems</a></li><li><a href="#schemas">Schemas</a></li></ul>`;
}

function tagSection(
  document: OpenApiDocument,
  calls: Call[],
  { name, description }: OpenApiDocument["tags"][number],
): string {
  const sections = calls
    .filter(({ operation }) => operation.tags.includes(name))
    .map((call) => operationSection(document, call));
  return `<section><h2 id="tag-${name}">${name}</h2><p class="lead">${inline(description)}</p>${sections.join("")}</section>`;
}

/** Every reason once, with what each of its statuses means and which calls say it. */
function problemTable(calls: Call[], prefix = "problem-", page = ""): string {
  const byReason = Map.groupBy(problemTypes, ({ reason }) => reason);
  const rows = Array.from(byReason, ([reason, types]) => {
    const meanings = types.map(
      ({ status, title, saidBy }: ProblemType) =>
        `<div><span class="status s${String(status).charAt(0)}">${status}</span> ${escape(title)} <small>said by the ${saidBy}</small></div>`,
    );
    return `<tr id="${prefix}${reason}"><th scope="row"><code>${reason}</code></th><td>${meanings.join("")}<div class="headers">${saidIn(calls, reason, page)}</div></td></tr>`;
  });
  return `<table class="problems"><tbody>${rows.join("")}</tbody></table>`;
}

/** Calls that may answer with a reason; one that nearly every call has is not worth a list. */
function saidIn(calls: Call[], reason: string, page: string): string {
  const saying = calls.filter(({ operation }) =>
    Object.values(operation.responses).some((response) => response["x-reasons"]?.includes(reason)),
  );
  if (saying.length > 8) return "";
  return saying
    .map(({ operation }) => `<a href="${page}#${operation.operationId}">${escape(operation.summary)}</a>`)
    .join(" · ");
}

function schemaSections(document: OpenApiDocument): string {
  return Object.entries(document.components.schemas)
    .map(([name, schema]) => {
      const about = schema.description === undefined ? "" : `<p>${inline(schema.description)}</p>`;
      return `<section class="schema" id="schema-${name}"><h3><a href="#schema-${name}">${name}</a></h3>${about}${schemaBody(schema)}</section>`;
    })
    .join("");
}
