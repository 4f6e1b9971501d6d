import { defineConfig } from "drizzle-kit";

/** `npx drizzle-kit generate` writes the next migration from the schema; partitions and views are added to it by hand. */
export default defineConfig({
  dialect: "postgresql",
  schema: "./core/shards/schema.ts",
  out: "./core/shards/migrations",
});
