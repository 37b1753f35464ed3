import { mayLookAfter, type Right, type Role } from "../../policy/roles.ts";

interface Entry {
  readonly href: string;
  readonly label: string;
  /** Any of these is enough to see the page; what it changes may need another. None: any right at all. */
  readonly rights: readonly Right[];
  /** Only in the organisation that runs the installation. */
  readonly installation?: true;
}

/** Every page of an organisation, in the order of the navigation. Only those that are built and allowed are shown. */
const GROUPS = [
  { label: "", entries: [{ href: "/admin", label: "Overview", rights: [] }] },
  {
    label: "People",
    entries: [
      { href: "/admin/organisation", label: "Organisation", rights: ["members"] },
      { href: "/admin/members", label: "Members", rights: ["members"] },
      { href: "/admin/customers", label: "Customers", rights: ["customers"] },
      { href: "/admin/connections", label: "Connections", rights: ["connections"] },
      { href: "/admin/programs", label: "Programs", rights: ["programs"] },
    ],
  },
  {
    label: "Rules",
    entries: [
      { href: "/admin/policy", label: "Policy", rights: ["policy", "audit"] },
      { href: "/admin/tools", label: "Tools", rights: ["tools"] },
      { href: "/approvals", label: "Approvals", rights: ["approve"] },
    ],
  },
  {
    label: "Record",
    entries: [
      { href: "/admin/audit", label: "Audit", rights: ["audit"] },
      { href: "/admin/alerts", label: "Alerts", rights: ["alerts"] },
      { href: "/admin/usage", label: "Usage", rights: ["usage"] },
      { href: "/admin/data", label: "Data", rights: ["data"] },
      { href: "/admin/installation", label: "Installation", rights: ["policy"], installation: true },
    ],
  },
] as const satisfies readonly { label: string; entries: readonly Entry[] }[];

/** Where a page of an organisation lives. */
export type AdminPath = (typeof GROUPS)[number]["entries"][number]["href"];

/** What this role may look after, of the pages that there are. */
export function adminNav(role: Role, built: ReadonlySet<AdminPath>, here: AdminPath, runsInstallation: boolean) {
  const may = ({ rights, installation }: Entry) =>
    (rights.length === 0 || rights.some((right) => mayLookAfter(role, right))) && (!installation || runsInstallation);
  return GROUPS.map(({ label, entries }) => ({
    label,
    entries: entries
      .filter((entry) => built.has(entry.href) && may(entry))
      .map((entry) => ({ href: entry.href, label: entry.label, current: entry.href === here })),
  })).filter(({ entries }) => entries.length > 0);
}
