import type { Access } from "./decide.ts";
import type { DataClass, Permission, PolicyDocument } from "./document.ts";
import type { Role } from "./roles.ts";

/** One version of an organisation's policy, made ready for many decisions. */
export interface OrgPolicy {
  readonly orgId: string;
  readonly version: number;
  readonly document: PolicyDocument;
  readonly extended: ReadonlySet<string>;
  readonly toolsOff: ReadonlySet<string>;
  readonly mayAccess: Readonly<Record<Role, ReadonlySet<Access>>>;
  readonly blockedClients: ReadonlySet<string>;
  readonly onlyClients: ReadonlySet<string>;
  readonly hiddenClasses: ReadonlySet<DataClass>;
  /** The one that decides about these names for this kind of client, if any does. */
  permissionFor(names: PermissionNames, agentType: string): Permission | undefined;
}

/** What permissions can name a tool by. */
export interface PermissionNames {
  readonly tool: string;
  readonly vendors: readonly string[];
  readonly tags: readonly string[];
  readonly access: Access;
}

export function compile(orgId: string, version: number, document: PolicyDocument): OrgPolicy {
  const { roles, clients } = document;
  return {
    orgId,
    version,
    document,
    extended: new Set(document.extended),
    toolsOff: new Set(document.toolsOff),
    mayAccess: {
      owner: new Set(roles.owner),
      admin: new Set(roles.admin),
      operator: new Set(roles.operator),
      approver: new Set(roles.approver),
      auditor: new Set(roles.auditor),
      member: new Set(roles.member),
    },
    blockedClients: new Set(clients.blocked),
    onlyClients: new Set(clients.only),
    hiddenClasses: new Set(document.hiddenClasses),
    permissionFor: permissionsOf(document.permissions),
  };
}

const EVERY_AGENT = "*";

/** What is said of this kind of client comes before what is said of every one; of equals, a block before a permission. */
function permissionsOf(permissions: readonly Permission[]): OrgPolicy["permissionFor"] {
  const index = new Map<string, Permission>();
  for (const one of permissions) {
    const key = keyOf(one.agentType, one.what, one.name);
    if (!index.has(key) || !one.allowed) index.set(key, one);
  }
  if (index.size === 0) return () => undefined;
  return (names, agentType) => among(index, names, agentType) ?? among(index, names, EVERY_AGENT);
}

function among(index: ReadonlyMap<string, Permission>, names: PermissionNames, agentType: string) {
  let allowing: Permission | undefined;
  for (const [what, name] of namesOf(names)) {
    const found = index.get(keyOf(agentType, what, name));
    if (found?.allowed === false) return found;
    allowing ??= found;
  }
  return allowing;
}

function* namesOf({ tool, vendors, tags, access }: PermissionNames): Generator<[Permission["what"], string]> {
  yield ["tool", tool];
  for (const vendor of vendors) yield ["vendor", vendor];
  for (const tag of tags) yield ["tag", tag];
  yield ["access", access];
}

const keyOf = (agentType: string, what: string, name: string) => `${agentType}\n${what}\n${name}`;
