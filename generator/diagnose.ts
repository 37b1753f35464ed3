import { join } from "node:path";
import { Project, ts } from "ts-morph";

export interface Question {
  readonly root: string;
  /** By path, relative to the root. */
  readonly files: ReadonlyMap<string, string>;
  /** The files that are looked at; the others are there because these import them. */
  readonly paths: readonly string[];
}

export interface Finding {
  readonly path: string;
  readonly text: string;
  readonly line?: number;
}

export interface Diagnosis {
  readonly findings: Finding[];
  /** Files with an import that nobody uses. */
  readonly untidy: string[];
}

/** "… is declared but never used", in its variants. */
const UNUSED = new Set([6133, 6138, 6192, 6196, 6198, 6199]);

/** What the compiler does not like about files that are only in memory, beside the real runtime. */
export function diagnose({ root, files, paths }: Question): Diagnosis {
  const project = new Project({
    tsConfigFilePath: join(import.meta.dirname, "..", "tsconfig.json"),
    skipAddingFilesFromTsConfig: true,
    skipFileDependencyResolution: true,
    compilerOptions: { noUnusedLocals: true, incremental: false },
  });
  for (const path of reached(paths, files))
    project.createSourceFile(join(root, path), files.get(path)!, {
      overwrite: true,
      ...(path.endsWith(".json") && { scriptKind: ts.ScriptKind.JSON }),
    });
  const program = project.getProgram();
  const findings: Finding[] = [];
  const untidy = new Set<string>();
  for (const path of paths) {
    const file = project.getSourceFileOrThrow(join(root, path));
    for (const diagnostic of [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]) {
      if (UNUSED.has(diagnostic.getCode())) {
        const start = diagnostic.getStart() ?? 0;
        if (file.getImportDeclarations().some((each) => each.containsRange(start, start))) untidy.add(path);
      } else {
        const text = ts.flattenDiagnosticMessageText(diagnostic.compilerObject.messageText, " ");
        findings.push({ path, text, line: diagnostic.getLineNumber() });
      }
    }
  }
  return { findings, untidy: [...untidy] };
}

const IMPORT = /^\s*(?:import|export)\b[^"]* from "(\.[^"]+)"|^} from "(\.[^"]+)"/gm;

/** These and all that they import, directly or not. */
export function reached(paths: readonly string[], files: ReadonlyMap<string, string>): Set<string> {
  const found = new Set(paths);
  for (const path of found)
    for (const [, one, other] of files.get(path)!.matchAll(IMPORT)) {
      const imported = join(path, "..", (one ?? other)!);
      if (files.has(imported)) found.add(imported);
    }
  return found;
}
