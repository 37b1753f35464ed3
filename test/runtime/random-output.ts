import fc from "fast-check";
import { z } from "zod";
import { DATA_CLASSES, type Tool } from "../../runtime/index.ts";

export interface Drawn {
  readonly value: Record<string, unknown>;
  /** Texts at the paths that the tool marks with a class. */
  readonly marked: readonly string[];
}

/** Values that a tool's output schema allows; marked fields hold texts that are nowhere else, but for a note that repeats some. */
export function answerOf(tool: Tool): fc.Arbitrary<Drawn> {
  const paths = new Set(
    DATA_CLASSES.filter((each) => each !== "secret" || tool.access !== "reveal").flatMap(
      (each) => tool.classes?.[each] ?? [],
    ),
  );
  return fc.infiniteStream(fc.nat()).map((numbers) => {
    const next = () => numbers.next().value as number;
    const marked: string[] = [];
    const draw = (schema: z.ZodType, path: string): unknown => {
      if (schema instanceof z.ZodOptional)
        return next() % 4 === 0 ? undefined : draw(schema.unwrap() as z.ZodType, path);
      if (schema instanceof z.ZodNullable || schema instanceof z.ZodDefault || schema instanceof z.ZodReadonly)
        return draw(schema.unwrap() as z.ZodType, path);
      if (schema instanceof z.ZodObject) {
        const entries = Object.entries(schema.shape).map(([name, field]) => [
          name,
          draw(field as z.ZodType, path === "" ? name : `${path}.${name}`),
        ]);
        return Object.fromEntries(entries.filter(([, part]) => part !== undefined));
      }
      if (schema instanceof z.ZodArray)
        return Array.from({ length: next() % 3 }, () => draw(schema.element as z.ZodType, path));
      if (schema instanceof z.ZodRecord) return { [`k${next() % 9}`]: `plain ${next() % 99}`, n: next() % 99 };
      if (schema instanceof z.ZodNumber) return next() % 99;
      if (schema instanceof z.ZodBoolean) return next() % 2 === 0;
      if (schema instanceof z.ZodEnum) return schema.options[0];
      if (!(schema instanceof z.ZodString)) return "plain";
      if (tool.access === "reveal" && tool.classes?.secret?.includes(path)) return "revealed";
      if (!isMarked(path))
        return next() % 2 === 0 && marked.length > 0 ? `seen ${marked.at(-1)} there` : `plain ${next() % 99}`;
      const text = `Marked Value ${next()}-${marked.length}`;
      marked.push(text);
      return text;
    };
    const isMarked = (path: string) => [...paths].some((each) => path === each || path.startsWith(`${each}.`));
    return { value: draw(tool.output, "") as Record<string, unknown>, marked };
  });
}
