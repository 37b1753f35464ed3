import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** A named one, or where Debian and others put it. */
const PLACES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Works as root, and talks to nobody but the pages it opens. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--no-first-run",
  "--disable-quic",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

/** Undefined, with the reason printed, where there is no browser. @throws Error when tests must not be skipped */
export function findChromium(): string | undefined {
  const found = PLACES.find((path) => path && existsSync(path));
  if (!found && process.env.REQUIRE_SERVICES === "1")
    throw new Error("No Chromium found: install chromium or set CHROMIUM.");
  if (!found) console.warn("Browser tests are skipped: no Chromium found; install chromium or set CHROMIUM.");
  return found;
}

export const launch = (executablePath: string): Promise<Browser> => chromium.launch({ executablePath, args: ARGS });
