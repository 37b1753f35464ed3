import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

/** openapi-typescript alone: reads a list of documents, writes their types beside it. */
const file = process.argv[2]!;
const documents = JSON.parse(readFileSync(file, "utf8")) as object[];
const texts: string[] = [];
for (const document of documents) texts.push(astToString(await openapiTS(document as never, { silent: true })));
writeFileSync(`${file}.ts`, texts.join("\n"));
