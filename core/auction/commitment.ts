import { hash } from "node:crypto";

/** A value that is not shown: it can be checked once its salt is, and not be guessed before. */
export interface Commitment {
  readonly c: string;
}

/** A commitment opened. */
export interface Reveal {
  /** The command's place in its envelope, and the field of its body. */
  readonly index: number;
  readonly field: string;
  readonly value: number;
  readonly salt: string;
}

/** Where in an auction's log a value stands. */
export interface ItemPlace {
  readonly seq: number;
  readonly index: number;
  readonly field: string;
}

/** Each value's own salt, so that one can be revealed without the others. None follows from another without the auction's. */
export function itemSaltFor(secretSalt: string, { seq, index, field }: ItemPlace): string {
  return hash("sha256", `secret/${secretSalt}/${seq}/${index}/${field}`, "base64url");
}

/** What stands for a value until it is revealed. */
export function commitmentTo(value: number, itemSalt: string): string {
  return hash("sha256", `${itemSalt}/${value}`, "base64url");
}

/** What stands for words that are never shown: the same for the same ones, so that a replay still knows them again. */
export function hiddenWords(secretSalt: string, words: string): string {
  return hash("sha256", `words/${secretSalt}/${words}`, "base64url").slice(0, 22);
}
