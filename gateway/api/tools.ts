import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { describe, type ToolError, type ToolErrorCode } from "../../runtime/index.ts";
import { callFor } from "../calls/call.ts";
import { type CatalogTool, listedFor } from "../calls/catalog.ts";
import { callSupport } from "../calls/support.ts";
import { changePolicy } from "../identity/policies.ts";
import { rateHeaders } from "../oauth/rate-headers.ts";
import { requireRight } from "./authenticate.ts";
import { badBody } from "./bad-body.ts";

const CallBody = z.strictObject({
  name: z.string().min(1).max(64),
  arguments: z.record(z.string(), z.unknown()).default({}),
});
const Switch = z.strictObject({ isEnabled: z.boolean() });

/** `/api/v1/tools`: the same tools under the same rule, limits, approval and record as MCP, for programs without MCP. */
export default async function tools(app: FastifyInstance): Promise<void> {
  const support = callSupport(app);
  const { all } = app.catalogs;

  app.get("/api/v1/tools", async (request) => ({
    tools: listedFor(request.apiCaller!, all).map(toolOf),
  }));

  app.post("/api/v1/tools/call", async (request, reply) => {
    const parsed = CallBody.safeParse(request.body);
    if (!parsed.success) return await badBody(request, reply, parsed.error);
    const { name, arguments: args } = parsed.data;
    const entry = all.tools.get(name);
    if (!entry?.facts.parts.some(({ vendor }) => request.apiCaller!.reach.has(vendor)))
      return await unknown(request, reply, name);
    const begun = performance.now();
    const gone = new AbortController();
    reply.raw.once("close", () => gone.abort()); // the request itself closes as soon as it is read
    const caller = request.apiCaller!;
    const result = await callFor(support, {
      caller,
      catalog: all,
      entry,
      args,
      requestId: request.id,
      span: request.span,
      signal: gone.signal,
    });
    if (!result.ok) sayLater(reply, result.error);
    return {
      success: result.ok,
      tool_name: name,
      ...(result.ok ? { result: result.value } : { error: errorOf(result.error, result.connect?.url) }),
      ...(result.ok && result.cached && { cached: true, age_seconds: result.cached.ageSeconds }),
      ...(result.limitedTo && { limited_to: result.limitedTo }),
      ...(result.unanswered && { unanswered: result.unanswered }),
      execution_time_ms: Math.round(performance.now() - begun),
    };
  });

  app.patch<{ Params: { id: string } }>("/api/v1/tools/:id", async (request, reply) => {
    if (!(await requireRight(request, reply, "tools"))) return reply;
    const use = await app.limit(`switch-tools:${request.apiCaller!.orgId}`, SWITCHES);
    if (!use.allowed) {
      const message = `Your organisation may switch ${SWITCHES.max} tools a minute through the API. Go on in ${use.retryAfterSeconds} seconds.`;
      reply.code(429).headers(rateHeaders(SWITCHES, use.retryAfterSeconds));
      return await reply.send({ code: "RATE_LIMITED", message, requestId: request.id });
    }
    const parsed = Switch.safeParse(request.body);
    if (!parsed.success) return await badBody(request, reply, parsed.error);
    const { id: tool } = request.params;
    if (!all.tools.has(tool)) return await unknown(request, reply, tool);
    const { isEnabled } = parsed.data;
    const { orgId: org, userId: actor, actorType } = request.apiCaller!;
    await changePolicy(app, {
      org,
      actor,
      actorType,
      tool,
      type: "policy.tool",
      requestId: request.id,
      detail: { enabled: isEnabled },
      change(policy) {
        if (policy.toolsOff.includes(tool) !== isEnabled) return policy;
        const others = policy.toolsOff.filter((each) => each !== tool);
        return { ...policy, toolsOff: isEnabled ? others : [...others, tool].sort() };
      },
    });
    return { id: tool, isEnabled };
  });
}

/** Each is another version of the policy. */
const SWITCHES = { name: "switches", max: 60, windowMs: 60_000 };

/** What is our own doing and will pass is a matter of HTTP too. Of a change that may have been made no status says "again". */
function sayLater(reply: FastifyReply, { code, quota, retryAfterSeconds }: ToolError) {
  const status = LATER[code];
  if (status === undefined || (status === 503 && retryAfterSeconds === undefined)) return;
  reply.code(status).header("retry-after", retryAfterSeconds ?? 1);
  if (quota) reply.headers(rateHeaders(quota, retryAfterSeconds ?? 1));
}

const LATER: Partial<Record<ToolErrorCode, number>> = {
  RATE_LIMITED: 429,
  DATABASE_UNAVAILABLE: 503,
  AUDIT_UNAVAILABLE: 503,
};

const errorOf = (error: ToolError, connect: string | undefined) => ({
  code: error.code,
  message: describe(error),
  ...(error.retryAfterSeconds !== undefined && { retry_after_seconds: error.retryAfterSeconds }),
  connect,
});

const toolOf = ({ definition, facts, owner }: CatalogTool) => ({
  id: definition.name,
  name: definition.name,
  vendor: owner.slug,
  title: definition.title,
  description: definition.description,
  access: facts.access,
  inputSchema: definition.inputSchema,
});

const unknown = async (request: FastifyRequest, reply: FastifyReply, name: string) =>
  await reply
    .code(404)
    .send({ code: "UNKNOWN_TOOL", message: `There is no tool ${name.slice(0, 64)} here.`, requestId: request.id });
