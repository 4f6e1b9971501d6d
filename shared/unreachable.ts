/** The end of a total `switch`: does not compile while a case is missing, throws if the types lied. */
export function unreachable(value: never): never {
  throw new TypeError(`not a case that the types allow: ${JSON.stringify(value)}`);
}
