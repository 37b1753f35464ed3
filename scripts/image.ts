import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Built, buildImage, missingPrograms } from "./image/build.ts";
import { tryContainer } from "./image/container.ts";
import { lookInside } from "./image/contents.ts";

// npm run image: builds the Dockerfile and tries what comes out, where there is neither an engine nor a registry: buildah
// runs its steps, runc the image, and the base is made of Debian's packages and the Node that npm has. It takes root and
// some three minutes. Ends with 1 when something is not as it should be.

const missing = process.getuid?.() === 0 ? missingPrograms() : ["root"];
if (missing.length > 0) {
  console.error(`Needed: ${missing.join(", ")}. On Debian: sudo apt-get install buildah runc debootstrap`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "vendorsmith-image-"));
let built: Built | undefined;
try {
  built = buildImage(folder, (step) => console.error(`  ${step}`));
  const findings = [...lookInside(built), ...(await tryContainer(built, folder))];
  for (const { what, fault } of findings) console.log(`${fault ? "✗" : "✓"} ${what}${fault ? `: ${fault}` : ""}`);
  process.exitCode = findings.some(({ fault }) => fault) ? 1 : 0;
} finally {
  built?.close();
  rmSync(folder, { recursive: true, force: true });
}
