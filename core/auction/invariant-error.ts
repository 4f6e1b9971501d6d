/** A bug, not an operating error: whoever catches it parks the one thing it concerns, alarms, and goes on with the others. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}
