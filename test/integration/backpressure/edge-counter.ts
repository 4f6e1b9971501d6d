import { type Edge, request } from "../../support/client.ts";

/** What the edge has counted under that name so far. */
export async function edgeCounter(edge: Edge, name: string): Promise<number> {
  const { body } = await request(edge, "/v1/health");
  return (body["counters"] as Record<string, number>)[name] ?? 0;
}
