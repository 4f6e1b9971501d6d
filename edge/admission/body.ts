import { ProblemError } from "../problem.ts";

/** A bid is a twentieth of it, an auction with a full increment table fits. */
export const MAX_BODY_BYTES = 4_096;

/** Reads a JSON body. It is counted while it is read, because `Content-Length` may be missing. */
export async function readJsonBody(request: Request, mayBeEmpty = false): Promise<unknown> {
  const text = await readText(request);
  if (mayBeEmpty && text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new ProblemError("malformed_json");
  }
}

/** Refuses by the announced size before anything else is done for the request. */
export function checkAnnouncedSize(request: Request): void {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES)
    throw new ProblemError("body_too_large");
}

async function readText(request: Request): Promise<string> {
  // HTTP itself enforces an announced length.
  if (request.headers.has("content-length")) return request.text();
  if (request.body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw new ProblemError("body_too_large");
    chunks.push(chunk);
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return decoder.decode(whole);
}

const decoder = new TextDecoder();
