import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { CatalogTool } from "../../../calls/catalog.ts";
import type { PolicyDocument } from "../../../policy/document.ts";
import { line, readForm } from "../../form.ts";
import { PageProblem } from "../../page-problem.ts";
import { localPath } from "../../session.ts";
import { changeByForm } from "../policy/change.ts";
import { ACCEPT_ALL, MODE, SWITCH, TOOLS } from "./list.ts";
import { keepVersions } from "./versions.ts";

export const ACCEPT = `${TOOLS}/accept`;

/** What is changed about tools: on or off, and which versions are accepted. */
export default async function change(app: FastifyInstance): Promise<void> {
  const all = app.catalogs.all.tools;

  app.post(SWITCH, async (request, reply) => {
    const form = readForm(request, z.object({ tool: line, on: line, back: line }));
    const { name } = toolNamed(form.tool).tool;
    const on = form.on === "true";
    return changeByForm(app, request, reply, {
      action: SWITCH,
      back: localPath(form.back, TOOLS),
      type: "policy.tool",
      tool: name,
      right: "tools",
      change: (document) => {
        const others = document.toolsOff.filter((each) => each !== name);
        return { ...document, toolsOff: on ? others : [...others, name].sort() };
      },
      said: on ? `${name} is on.` : `${name} is off, for everybody in the organisation.`,
    });
  });

  app.post(MODE, async (request, reply) => {
    const hold = readForm(request, z.object({ hold: line })).hold === "true";
    if (hold) await keepVersions(app.db, [...all.values()]);
    return changeByForm(app, request, reply, {
      action: MODE,
      back: TOOLS,
      type: "policy.versions",
      right: "tools",
      change: (document) => (hold ? { ...document, accepted: document.accepted ?? hashesOf([...all.values()]) } : withoutAccepted(document)), // biome-ignore format: one thought
      said: hold
        ? "New versions of tools wait until somebody accepts them."
        : "New versions of tools are taken as they come.",
    });
  });

  app.post(ACCEPT, async (request, reply) => {
    const form = readForm(request, z.object({ tool: line, accept: line, back: line }));
    const entry = toolNamed(form.tool);
    const { name } = entry.tool;
    const accept = form.accept === "true";
    await keepVersions(app.db, [entry]);
    return changeByForm(app, request, reply, {
      action: ACCEPT,
      back: localPath(form.back, TOOLS),
      type: "policy.versions",
      tool: name,
      right: "tools",
      change: (document) => {
        if (!document.accepted) return document;
        const { [name]: _, ...others } = document.accepted;
        return { ...document, accepted: accept ? { ...others, [name]: entry.facts.hash } : others };
      },
      said: accept ? `The new version of ${name} is accepted.` : `${name} is held until somebody accepts it.`,
    });
  });

  app.post(ACCEPT_ALL, async (request, reply) => {
    const entries = [...all.values()];
    await keepVersions(app.db, entries);
    return changeByForm(app, request, reply, {
      action: ACCEPT_ALL,
      back: TOOLS,
      type: "policy.versions",
      right: "tools",
      change: (document) => (document.accepted ? { ...document, accepted: hashesOf(entries) } : document),
      said: "All tools are accepted as they are now.",
    });
  });

  function toolNamed(name: string): CatalogTool {
    const entry = all.get(name);
    if (!entry) throw new PageProblem(404, "No such tool", "No tool here has this name.");
    return entry;
  }
}

const hashesOf = (entries: readonly CatalogTool[]) =>
  Object.fromEntries(entries.map(({ facts }) => [facts.name, facts.hash]));

function withoutAccepted({ accepted: _, ...document }: PolicyDocument): PolicyDocument {
  return document;
}
