const TABS = [
  { href: "/admin/policy", label: "Access" },
  { href: "/admin/policy/approvals", label: "Approvals" },
  { href: "/admin/policy/lists", label: "Lists" },
  { href: "/admin/policy/times", label: "Times" },
  { href: "/admin/policy/assistants", label: "Assistants" },
  { href: "/admin/policy/data", label: "Data" },
  { href: "/admin/policy/history", label: "History" },
  { href: "/admin/policy/why", label: "Why?" },
] as const;

export type PolicyTab = (typeof TABS)[number]["href"];

export interface Tabs {
  tabs: readonly { href: string; label: string; current: boolean }[];
  /** Who may only look gets no buttons. */
  mayChange: boolean;
}

export const tabsAt = (here: PolicyTab) => TABS.map((tab) => ({ ...tab, current: tab.href === here }));
