import { auctionOperations } from "./auction-operations.ts";
import { commandOperations } from "./command-operations.ts";
import { componentSchemas } from "./components.ts";
import { introduction, tags } from "./introduction.ts";
import { schemaRef, type JsonSchema } from "./json-schema.ts";
import type { Answer, Operation, Tag } from "./operation.ts";
import { headers, parameters, type HeaderName, type Parameter, type ParameterName } from "./parameters.ts";
import { serviceOperations } from "./service-operations.ts";

interface Ref {
  $ref: string;
}

interface MediaType {
  schema?: JsonSchema;
  examples?: Record<string, { value: unknown }>;
}

export interface ResponseObject {
  description: string;
  headers?: Record<string, Ref>;
  content?: Record<string, MediaType>;
  /** The problems' stable names. */
  "x-reasons"?: string[];
}

export interface OperationObject {
  operationId: string;
  tags: [Tag];
  summary: string;
  description?: string;
  /** Any one of these; the roles that a token needs are listed as OpenAPI 3.1 allows it. */
  security: { bearer?: string[] }[];
  parameters: Ref[];
  requestBody?: { required: boolean; content: Record<string, MediaType> };
  responses: Record<string, ResponseObject>;
}

export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; summary: string; description: string; license: object };
  servers: { url: string }[];
  tags: { name: Tag; description: string }[];
  paths: Record<string, Partial<Record<"get" | "post", OperationObject>>>;
  components: {
    schemas: Record<string, JsonSchema>;
    parameters: Record<string, Parameter>;
    headers: Record<string, { description: string; schema: JsonSchema }>;
    securitySchemes: Record<string, object>;
  };
}

export const operations: readonly Operation[] = [
  ...auctionOperations,
  ...commandOperations,
  ...serviceOperations,
];

let built: OpenApiDocument | undefined;

/** The document, built when it is first asked for and then kept in the isolate. */
export function openApiDocument(): OpenApiDocument {
  built ??= build();
  return built;
}

function build(): OpenApiDocument {
  const paths: OpenApiDocument["paths"] = {};
  for (const operation of operations) {
    const item = (paths[operation.path] ??= {});
    item[operation.method] = operationObject(operation);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Lastcall",
      version: "1",
      summary: "Real-time auctions and limited-edition drops.",
      description: introduction,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags,
    paths,
    components: {
      schemas: componentSchemas(),
      parameters: { ...parameters },
      headers: { ...headers },
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description:
            "ES256 or EdDSA. Claims: `sub`, `roles` (of bidder, seller, operator), `aud` (`lastcall`), `iss`, `exp`.",
        },
      },
    },
  };
}

function operationObject(operation: Operation): OperationObject {
  const { id, tag, summary, about, roles, body } = operation;
  const object: OperationObject = {
    operationId: id,
    tags: [tag],
    summary,
    ...(about === undefined ? {} : { description: about }),
    security: roles?.map((role) => ({ bearer: [role] })) ?? [{}],
    parameters: parameterNames(operation).map((name) => ({ $ref: `#/components/parameters/${name}` })),
    responses: {},
  };
  if (body !== undefined) {
    const examples = Object.entries(body.examples).map(([name, value]) => [name, { value }] as const);
    object.requestBody = {
      required: body.mayBeEmpty !== true,
      content: {
        "application/json": { schema: schemaRef(body.schema), examples: Object.fromEntries(examples) },
      },
    };
  }
  for (const answer of operation.answers) object.responses[answer.status] = responseObject(answer);
  for (const [status, reasons] of reasonsByStatus(operation))
    object.responses[status] = problemResponse(status, reasons);
  return object;
}

/** Those of the path stand in the path; a path's name for a parameter is ours, too. */
function parameterNames({ path, parameters: others = [] }: Operation): ParameterName[] {
  const inPath = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name as ParameterName);
  return [...inPath, ...others];
}

function responseObject({ about, schema, mediaType, headers: names }: Answer): ResponseObject {
  const response: ResponseObject = { description: about };
  if (names !== undefined) response.headers = headerRefs(names);
  const described = schema === undefined ? {} : { schema: schemaRef(schema) };
  if (schema !== undefined || mediaType !== undefined)
    response.content = { [mediaType ?? "application/json"]: described };
  return response;
}

function reasonsByStatus({ problems }: Operation): Map<number, string[]> {
  const byStatus = new Map<number, string[]>();
  for (const { status, reason } of [...problems].sort((a, b) => a.status - b.status)) {
    const reasons = byStatus.get(status) ?? [];
    if (!reasons.includes(reason)) reasons.push(reason);
    byStatus.set(status, reasons);
  }
  return byStatus;
}

function problemResponse(status: number, reasons: string[]): ResponseObject {
  const response: ResponseObject = {
    description: reasons.map((reason) => `\`${reason}\``).join(", "),
    content: { "application/problem+json": { schema: schemaRef("Problem") } },
    "x-reasons": reasons,
  };
  if (status === 429 || status === 503) response.headers = headerRefs(["Retry-After"]);
  return response;
}

function headerRefs(names: readonly HeaderName[]): Record<string, Ref> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
