import type * as z from "zod";

/** One field at fault: a JSON pointer into the body, and why. */
export interface FieldError {
  pointer: string;
  message: string;
}

type Issue = z.core.$ZodIssue;

/** What a schema found wrong, each fault at its field. */
export function fieldErrorsOf(issues: readonly Issue[]): FieldError[] {
  return issues.flatMap((issue) => errorsOf(issue, []));
}

function errorsOf(issue: Issue, above: readonly PropertyKey[]): FieldError[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ pointer: pointerTo([...path, key]), message: "is not known here" }));
  if (issue.code === "invalid_union") {
    const nearest = nearestBranch(issue.errors);
    if (nearest !== undefined) return nearest.flatMap((inner) => errorsOf(inner, path));
  }
  return [{ pointer: pointerTo(path), message: issue.message }];
}

/** The branch of a union that the value was probably meant for: the one whose type it has. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const typed = branches.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code !== "invalid_type"),
  );
  return typed.length === 1 ? typed[0] : undefined;
}

function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
