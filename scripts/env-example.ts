import { mkdirSync, writeFileSync } from "node:fs";
import { configurationPage, envExample } from "../gateway/config-reference.ts";

// node scripts/env-example.ts: prints what gateway/config.ts declares to .env.example and docs/configuration.md.
mkdirSync("docs", { recursive: true });
writeFileSync(".env.example", envExample());
writeFileSync("docs/configuration.md", configurationPage());
