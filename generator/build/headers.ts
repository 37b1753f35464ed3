import type { OpenApi, Operation } from "../model/openapi.ts";

/** Headers are sent by what signs requests in; a call of an operation has none of its own. */
export function withoutHeaders(document: OpenApi): OpenApi {
  const paths = Object.entries(document.paths).map(([path, item]) => {
    const operations = Object.entries(item as Readonly<Record<string, Operation>>).map(([method, operation]) => {
      const { parameters, ...rest } = operation;
      const kept = parameters?.filter((each) => each.in !== "header") ?? [];
      return [method, kept.length > 0 ? { ...rest, parameters: kept } : rest] as const;
    });
    return [path, Object.fromEntries(operations)] as const;
  });
  return { ...document, paths: Object.fromEntries(paths) };
}

/** What every HTTP client sends by itself, whatever a description demands. */
export const OF_HTTP: ReadonlySet<string> = new Set(
  "user-agent host connection content-length accept-encoding accept-language cache-control date".split(" "),
);
