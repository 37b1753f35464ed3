import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { createFakes, type Fakes } from "./fakes.ts";

/**
 * Answers the vendors' addresses with fakes for the tests of this file. A request that no fake knows fails, and so does one
 * that the vendor's document does not allow. The world starts anew when `fresh` is called.
 */
export function useFakes(options?: Parameters<typeof createFakes>[0]): Fakes {
  const fakes = createFakes({ validate: true, ...options });
  const server = setupServer(...fakes.handlers);
  const stray: string[] = [];
  beforeAll(() =>
    server.listen({
      onUnhandledFrame({ frame, defaults }) {
        const request = (frame as { data?: { request?: Request } }).data?.request;
        const url = request ? new URL(request.url) : undefined;
        if (url && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) return;
        stray.push(request ? `${request.method} ${request.url}` : "unknown frame");
        defaults.error();
      },
    }),
  );
  afterEach(() => {
    const violations = fakes.exchanges.flatMap(({ method, template, violations }) =>
      violations.map((text) => `${method} ${template}: ${text}`),
    );
    const unknown = stray.splice(0);
    fakes.clear();
    expect({ violations, unknown }, "requests that the vendors do not document").toEqual({
      violations: [],
      unknown: [],
    });
  });
  afterAll(() => server.close());
  return fakes;
}
