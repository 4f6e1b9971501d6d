import type { AppContext } from "../app-types.ts";
import { docsPage, problemsPage } from "../web/docs-page.ts";
import { openApiDocument } from "../web/openapi.ts";

/** The pages need nothing but themselves, and may do nothing else. */
const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "public, max-age=300",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
};

/** Made once for each isolate: the document does not change while it runs. */
const made = new Map<string, string>();

/** `GET /openapi.json`. */
export function getOpenApi(_c: AppContext): Response {
  return new Response(
    once("openapi", () => JSON.stringify(openApiDocument())),
    { headers: { "content-type": "application/json", "cache-control": "public, max-age=300" } },
  );
}

/** `GET /docs`: the same for people. */
export function getDocs(_c: AppContext): Response {
  return new Response(
    once("docs", () => docsPage(openApiDocument())),
    { headers: PAGE_HEADERS },
  );
}

/** `GET /docs/problems`: what each reason means; a problem's `type` leads here. */
export function getProblemTypes(_c: AppContext): Response {
  return new Response(
    once("problems", () => problemsPage(openApiDocument())),
    { headers: PAGE_HEADERS },
  );
}

function once(name: string, make: () => string): string {
  let text = made.get(name);
  if (text === undefined) {
    text = make();
    made.set(name, text);
  }
  return text;
}
