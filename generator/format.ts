import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Formats all files in one call of Biome and sorts their imports, as `npm run check` expects them.
 * Its start-up is most of its cost, so the native program is started directly and once, on a temporary folder.
 */
export async function formatted(files: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), "vendorsmith-"));
  try {
    const settings = {
      formatter: { indentStyle: "space", indentWidth: 2, lineWidth: 120 },
      linter: { enabled: false },
    };
    await writeFile(join(folder, "biome.json"), JSON.stringify({ root: true, ...settings }));
    for (const name of new Set([...files.keys()].map((path) => dirname(path))))
      await mkdir(join(folder, name), { recursive: true });
    await Promise.all([...files].map(([path, text]) => writeFile(join(folder, path), text)));
    const [program, ...first] = biome();
    await run(program!, [...first, "check", "--write", "--linter-enabled=false", "--max-diagnostics=5", "."], {
      cwd: folder,
    });
    const entries = [...files.keys()].map(async (path) => [path, await readFile(join(folder, path), "utf8")] as const);
    return new Map(await Promise.all(entries));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The native program of this platform, or Biome's own starter where the package is called otherwise. */
function biome(): string[] {
  const require = createRequire(import.meta.url);
  const starter = require.resolve("@biomejs/biome/bin/biome");
  const name = `cli-${process.platform}-${process.arch}`;
  const native = join(dirname(starter), "..", "..", name, process.platform === "win32" ? "biome.exe" : "biome");
  return existsSync(native) ? [native] : [process.execPath, starter];
}
