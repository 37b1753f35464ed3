import { z } from "zod";
import { compilePattern } from "../../runtime/index.ts";
import { DEFAULT_POLICY, type PolicyDocument } from "../policy/document.ts";
import { ROLES, type Role } from "../policy/roles.ts";

const name = z.string().trim().min(1).max(200);
const access = z.enum(["read", "write", "destroy", "reveal"]);
const approval = z.enum(["none", "self", "other"]);
const reaction = z.enum(["off", "flag", "block"]);
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "expected a time such as 18:30");

const permission = z.object({
  id: z.string().min(1).max(40),
  what: z.enum(["tool", "vendor", "tag", "access"]),
  name,
  agentType: name,
  allowed: z.boolean(),
});

const changeWindow = z.object({ days: z.array(z.int().min(1).max(7)).min(1).max(7), from: time, to: time });

const rolesMap = Object.fromEntries(ROLES.map((role) => [role, z.array(access).default([])])) as Record<
  Role,
  z.ZodDefault<z.ZodArray<typeof access>>
>;

/** A time zone that this machine knows. */
const timeZone = z.string().refine((zone) => {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: zone }));
  } catch {
    return false;
  }
}, "expected a time zone such as Europe/Berlin");

const approvals = z.object({
  write: approval,
  destroy: approval,
  reveal: approval,
  tools: z.record(name, approval),
  waitMinutes: z.int().min(1).max(1440),
  standing: z.object({ maxHours: z.int().min(0).max(720), maxUses: z.int().min(1).max(10_000) }),
});

/** Wildcards only: what people write here must never be slow. */
const pattern = z.string().check((context) => {
  const compiled = compilePattern(context.value);
  if (!compiled.ok) context.issues.push({ code: "custom", input: context.value, message: compiled.problem });
});

const redaction = z.object({
  fields: z.array(name).max(200),
  patterns: z.array(z.object({ name, pattern })).max(50),
  detectorsOff: z.array(name).max(50),
});

const document = z.object({
  switches: z.object({ write: z.boolean(), destroy: z.boolean(), reveal: z.boolean() }),
  extended: z.array(name),
  toolsOff: z.array(name),
  roles: z.object(rolesMap),
  permissions: z.array(permission).max(1000),
  unlisted: z.enum(["allow", "block"]),
  clients: z.object({ blocked: z.array(name).max(1000), only: z.array(name).max(1000) }),
  windows: z.array(changeWindow).max(20),
  timeZone,
  hiddenClasses: z.array(z.enum(["secret", "personal", "financial", "health"])),
  accepted: z.record(name, z.string()).optional(),
  approvals,
  redaction,
  suspicion: z.object({ exfiltration: reaction, injection: reaction }),
  secondFactor: z.boolean(),
});

type Parsed = z.output<typeof document>;

/** A policy document that may be put in force. @throws z.ZodError with the path of what is wrong */
export const checkPolicy = (value: PolicyDocument): Parsed => document.parse(value);

/** As it was stored; what an older version of the gateway did not know is as in a new organisation. */
export function readPolicy(text: string): PolicyDocument {
  const stored = JSON.parse(text) as Partial<PolicyDocument>;
  const completed = Object.entries(DEFAULT_POLICY).map(([key, standard]) => {
    const own = stored[key as keyof PolicyDocument] as unknown;
    return [key, isParts(standard) ? { ...standard, ...Object(own) } : (own ?? standard)];
  });
  return { ...stored, ...Object.fromEntries(completed) };
}

const isParts = (value: unknown): value is object => typeof value === "object" && !Array.isArray(value);
