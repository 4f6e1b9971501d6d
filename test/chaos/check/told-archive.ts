import { readFile } from "node:fs/promises";
import path from "node:path";
import { feedFile, type FeedLine, toldFile, type ToldCommand } from "../told.ts";

/** What the clients of one auction wrote down; nothing, of an auction that no client of the run knows. */
export async function readTold(
  folder: string,
  auctionId: string,
): Promise<{ told: ToldCommand[]; feed: FeedLine[] }> {
  return {
    told: await readLines<ToldCommand>(path.join(folder, toldFile(auctionId))),
    feed: await readLines<FeedLine>(path.join(folder, feedFile(auctionId))),
  };
}

async function readLines<T>(file: string): Promise<T[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}
