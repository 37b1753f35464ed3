import type { Fake } from "./fake.ts";
import { clientError, type Resolve } from "./superops-answers.ts";
import type { Row, SuperopsWorld } from "./world-superops.ts";

interface Rule {
  attribute?: string;
  operator?: string;
  value?: unknown;
  joinOperator?: string;
  operands?: Rule[];
}

interface ListInfo {
  page?: number;
  pageSize?: number;
  condition?: Rule;
  sort?: { attribute: string; order: "ASC" | "DESC" }[];
}

/** What stands at a dotted path of a record. */
const at = (row: Row, path: string) =>
  path.split(".").reduce<unknown>((value, key) => (value as Row | null)?.[key], row);

const plain = (value: unknown) => String(value ?? "").toLowerCase();

function meets(row: Row, rule: Rule | undefined): boolean {
  if (!rule) return true;
  if (rule.operands) {
    const met = rule.operands.map((each) => meets(row, each));
    return rule.joinOperator === "OR" ? met.includes(true) : !met.includes(false);
  }
  const value = at(row, rule.attribute ?? "");
  switch (rule.operator) {
    case "is":
      return plain(value) === plain(rule.value);
    case "isNot":
      return plain(value) !== plain(rule.value);
    case "contains":
      return plain(value).includes(plain(rule.value));
    case "includes":
      return (rule.value as unknown[]).map(plain).includes(plain(value));
    case "isEmpty":
      return plain(value) === "";
    case "isNotEmpty":
      return plain(value) !== "";
    case "after":
    case "before": {
      // Times are in UTC and do not say so; one that does is refused.
      if (/Z$/.test(String(rule.value)))
        throw clientError("value_pattern_validation_failed", { attributes: ["value"] });
      return rule.operator === "after" ? String(value) > String(rule.value) : String(value) < String(rule.value);
    }
    default:
      throw clientError("type_validation_failed", { attributes: ["operator"] });
  }
}

/** 10 a page unless told otherwise, 100 at most; the last page says null where others say true. */
function list(name: string, rows: readonly Row[], input: ListInfo | undefined, fake: Fake): Row {
  const { page = 1, pageSize = 10, condition, sort = [] } = input ?? {};
  const size = Math.min(pageSize, 100, fake.trouble.pageSize ?? 100);
  const found = rows.filter((row) => meets(row, condition));
  for (const { attribute, order } of [...sort].reverse())
    found.sort((a, b) => plain(at(a, attribute)).localeCompare(plain(at(b, attribute))) * (order === "DESC" ? -1 : 1));
  const hasMore = page * size < found.length || null;
  const listInfo = { page, pageSize: size, hasMore, totalCount: found.length };
  return { [name]: found.slice((page - 1) * size, page * size), listInfo };
}

export function one(rows: readonly Row[], key: string, value: string): Row {
  const found = rows.find((row) => row[key] === value);
  if (!found) throw clientError("entity_does_not_exist", { attributes: [key] });
  return found;
}

const listed =
  (name: string, rows: (superops: SuperopsWorld) => readonly Row[]): Resolve =>
  (input: ListInfo, superops, fake) =>
    list(name, rows(superops), input, fake);

interface OfClient {
  clientId?: string;
  listInfo?: ListInfo;
}

const ofClient =
  (name: string, rows: (superops: SuperopsWorld) => readonly Row[]): Resolve =>
  ({ clientId, listInfo }: OfClient, superops, fake) =>
    list(
      name,
      rows(superops).filter((row) => clientId === undefined || String(at(row, "client.accountId")) === clientId),
      listInfo,
      fake,
    );

interface OfAsset {
  assetId: string;
  listInfo?: ListInfo;
}

const patchesOf = (asset: Row): Row[] =>
  ["Installed", "Pending", "Failed"].map((installationStatus, index) => ({
    patchDetail: {
      patchId: `${String(asset["assetId"])}${index}`,
      title: `2026-1${index} Cumulative Update`,
      severity: index === 2 ? "Critical" : "Important",
      kbNumbers: [{ kbNumber: `KB50500${index}` }],
    },
    approvalStatus: "Approved",
    installationStatus,
    failedMessage: index === 2 ? "0x80070643" : null,
  }));

export const reads: Readonly<Record<string, Resolve>> = {
  getTicketList: listed("tickets", ({ tickets }) => tickets),
  getTicket: ({ ticketId }: { ticketId: string }, { tickets }) => one(tickets, "ticketId", ticketId),
  getTicketConversationList: ({ ticketId }: { ticketId: string }, { conversations }) => conversations.get(ticketId),
  getTicketNoteList: ({ ticketId }: { ticketId: string }, { notes }) => notes.get(ticketId) ?? null,
  getWorklogEntries: ({ module, listInfo }: { module?: string; listInfo?: ListInfo }, { work }, fake) => {
    if (!module) throw clientError("mandatory_validation_failed", { attributes: ["module"] });
    return list("entries", work, listInfo, fake);
  },
  getServiceItemList: listed("items", ({ services }) => services),

  getAssetList: listed("assets", ({ assets }) => assets),
  getAsset: ({ assetId }: OfAsset, { assets }) => one(assets, "assetId", assetId),
  getAssetSummary: ({ assetId }: OfAsset, { assets }) => ({
    cpu: { assetId, cpuName: "Intel(R) Xeon(R) Silver 4309Y" },
    memory: { totalMemory: 34_359_738_368, memoryUsage: 61.5 },
    assetInterface: { name: "Ethernet", ipv4Address: one(assets, "assetId", assetId)["publicIp"] },
  }),
  getAssetDiskDetails: ({ assetId }: OfAsset, { assets }) => {
    one(assets, "assetId", assetId);
    return [{ drive: "C:", size: 511_101_108_224, freeSize: 102_220_221_644, driveUsage: 80 }];
  },
  getAlertsForAsset: ({ assetId, listInfo }: OfAsset, { alerts }, fake) =>
    list(
      "alerts",
      alerts.filter(({ asset }) => String(asset.assetId) === assetId),
      listInfo,
      fake,
    ),
  getAssetPatchDetails: ({ assetId, listInfo }: OfAsset, { assets }, fake) =>
    list("assetPatches", patchesOf(one(assets, "assetId", assetId)), listInfo, fake),
  getAssetSoftwareList: ({ listInfo }: OfAsset, _, fake) =>
    list(
      "assetSoftwares",
      ["7-Zip", "Google Chrome"].map((name, index) => ({
        id: String(index),
        software: { name },
        version: `1${index}.0`,
      })),
      listInfo,
      fake,
    ),

  getAlertList: listed("alerts", ({ alerts }) => alerts),
  getScriptListByType: ({ type, listInfo }: { type: string; listInfo?: ListInfo }, { scripts }, fake) =>
    list(
      "scripts",
      scripts.filter((script) => script.for === type),
      listInfo,
      fake,
    ),

  getClientList: listed("clients", ({ clients }) => clients),
  getClient: ({ accountId }: { accountId: string }, { clients }) => one(clients, "accountId", accountId),
  getClientSiteList: ofClient("sites", ({ sites }) => sites),
  getClientUserList: ofClient("userList", ({ users }) => users),
  getClientContractList: listed("clientContracts", ({ contracts }) => contracts),
  getInvoiceList: listed("invoices", ({ invoices }) => invoices),

  getKbItems: listed("items", ({ articles }) => articles),
  getKbItem: ({ itemId }: { itemId: string }, { articles }) => one(articles, "itemId", itemId),

  getTechnicianList: listed("userList", ({ technicians }) => technicians),
  ...Object.fromEntries(
    (
      [
        "getStatusList",
        "getPriorityList",
        "getImpactList",
        "getUrgencyList",
        "getCategoryList",
        "getSLAList",
        "getTechnicianGroupList",
      ] as const
    ).map((name): [string, Resolve] => [name, (_, { choices }) => choices[name]]),
  ),
};
