import { readFileSync } from "node:fs";
import Handlebars from "handlebars";

/** Templates print what they are given: no helper decides anything, and nothing is escaped, because literal.ts has done that. */
const engine = Handlebars.create();
const compiled = new Map<string, HandlebarsTemplateDelegate>();

export function render(name: string, view: object): string {
  let template = compiled.get(name);
  if (!template) {
    const text = readFileSync(new URL(`../templates/${name}.hbs`, import.meta.url), "utf8");
    template = engine.compile(text, { noEscape: true, strict: true, knownHelpersOnly: true });
    compiled.set(name, template);
  }
  return template(view);
}
