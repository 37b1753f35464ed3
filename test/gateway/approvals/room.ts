import { decide } from "../../../gateway/approvals/decide.ts";
import { changePolicy } from "../../../gateway/identity/policies.ts";
import type { ApprovalPolicy } from "../../../gateway/policy/document.ts";
import type { Role } from "../../../gateway/policy/roles.ts";
import { connectClient, type Era, gate } from "../mcp/gate.ts";
import { SWITCHED_ON } from "../policies.ts";
import { fakeClock } from "../support.ts";

export const RENAME = { name: "acme_rename_thing", arguments: { id: "t1", name: "New" } };

/** What a waiting call answers. */
export interface Waiting {
  readonly status: string;
  readonly approval_id: string;
  readonly url: string;
  readonly expires_at: string;
  readonly preview: { tool: string; changes: string[]; earlier?: string; outdated?: string; connection?: string };
  readonly next: string;
}

/** A person with keys whose organisation lets everything be asked for, and a client of theirs. */
export async function askingRoom({
  era = "modern",
  approvals = {},
  ...options
}: Parameters<typeof gate>[0] & { era?: Era; approvals?: Partial<ApprovalPolicy> } = {}) {
  const clock = fakeClock(Date.now()); // the SDK looks at the real one
  const room = await gate({ now: clock.now, ...options });
  const { app, origin } = room;
  const ann = await room.someone();
  const policy = (change: Partial<ApprovalPolicy>) =>
    changePolicy(app, {
      org: ann.org,
      actor: ann.user,
      type: "policy.test",
      change: (document) => ({
        ...document,
        switches: SWITCHED_ON,
        approvals: { ...document.approvals, ...change },
      }),
    });
  await policy(approvals);
  const connection = await ann.connect();
  const scopes = ["acme:read", "acme:write", "acme:reveal"];
  const token = await ann.token(scopes, { connection: connection.id });
  const client = await connectClient(`${origin}/v1/acme`, token, era);
  const call = async (asked: { name: string; arguments: Record<string, unknown> } = RENAME) =>
    await client.callTool(asked);
  const ask = async (asked?: Parameters<typeof call>[0]) => (await call(asked)).structuredContent as unknown as Waiting;
  const answer = (
    id: string,
    say: "approve" | "deny" = "approve",
    by: { id?: string; role?: Role; signedInAt?: number; org?: string; note?: string } = {},
  ) =>
    decide(app.approvals, {
      org: by.org ?? ann.org,
      id,
      answer: say,
      note: by.note ?? "",
      by: { id: by.id ?? ann.user, role: by.role ?? "owner", signedInAt: by.signedInAt ?? clock.now() },
    });
  const renamed = () => room.worlds.acme.renamed;
  return { ...room, ann, clock, connection, token, client, call, ask, answer, policy, renamed };
}

export const textOf = (result: { content?: unknown }) => (result.content as { text: string }[])[0]!.text;
