/** Vitest's global setup of the integration suites: one stack for all of them, because a start costs seconds. */
import type { TestProject } from "vitest/node";
import { startTestStack } from "./stack.ts";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stack, end } = await startTestStack({
    cores: 2,
    onDeath: (part, how) => console.error(`shared stack: ${part} has ended: ${how}`),
  });
  project.provide("stack", { data: stack.data, info: stack.info });
  return () => end({ failed: process.exitCode !== undefined && process.exitCode !== 0 });
}
