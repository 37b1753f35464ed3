import { enableCompileCache } from "node:module";
import { parentPort } from "node:worker_threads";

enableCompileCache();
const { default: openapiTS, astToString } = await import("openapi-typescript");

/** Answers each document with its types; nothing is fetched, because a cut document has no outside references. */
parentPort?.on("message", async ({ id, document }: { id: number; document: never }) => {
  try {
    parentPort?.postMessage({ id, text: astToString(await openapiTS(document, { silent: true, alphabetize: true })) });
  } catch (error) {
    parentPort?.postMessage({ id, error: (error as Error).message });
  }
});
