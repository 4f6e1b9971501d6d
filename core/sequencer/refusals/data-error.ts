/**
 * SQLSTATE classes 22 (data exception) and 23 (constraint): the data's fault, and the same at every attempt. Everything else is
 * the machine's (a full disk, a lock, a server that shuts down) and passes.
 */
export function isDataError(error: unknown): error is Error {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code.startsWith("22") || code.startsWith("23");
}
