import { edgeSays, type Operation } from "./operation.ts";

const page = (id: string, path: string, summary: string): Operation => ({
  id,
  method: "get",
  path,
  tag: "Service",
  summary,
  answers: [{ status: 200, about: "A page for people.", mediaType: "text/html" }],
  problems: edgeSays("internal_error"),
});

export const serviceOperations: readonly Operation[] = [
  {
    id: "getHealth",
    method: "get",
    path: "/v1/health",
    tag: "Service",
    summary: "Ask whether the edge answers",
    answers: [{ status: 200, about: "It does.", schema: "Health" }],
    problems: edgeSays("internal_error"),
  },
  {
    id: "getOpenApi",
    method: "get",
    path: "/openapi.json",
    tag: "Service",
    summary: "Get this document",
    answers: [{ status: 200, about: "OpenAPI 3.1.", mediaType: "application/json" }],
    problems: edgeSays("internal_error"),
  },
  page("getDocs", "/docs", "Read this document"),
  page("getProblemTypes", "/docs/problems", "Read what every problem means"),
];
