import { expect } from "vitest";
import { demoKeys } from "../../fakes/keys.ts";
import { refusedWith } from "../../fakes/superops-answers.ts";
import { refused } from "../../fakes/trouble.ts";
import type { Ids, Suite, VendorCase } from "./case.ts";

const world = (ids: Ids) => ids.fakes.superops.states.get(demoKeys.superops.apiToken)!;
const ticket = (ids: Ids) => world(ids).tickets[0]!;
const asset = (ids: Ids, hostname: string) => world(ids).assets.find(({ name }) => name === hostname)!;
const alertOn = (ids: Ids, hostname: string) => world(ids).alerts.find((alert) => alert.asset.name === hostname)!;
const name = ({ name }: { name: string }) => name;
const subject = ({ subject }: { subject: string }) => subject;

/** The variables of the last call of an operation. */
const sent = (ids: Ids, template: string) =>
  JSON.parse(ids.fakes.superops.exchanges.findLast((exchange) => exchange.template === template)!.body).variables;

const cases: VendorCase[] = [
  {
    tool: "superops_search_tickets",
    args: () => ({ client: "contoso", status: "open", since: "2020-01-01T00:00:00Z" }),
    uses: ["query getStatusList", "query getTicketList"],
    check: ({ tickets }, ids) => {
      expect(tickets.map(subject)).toEqual(["Scanner jams", "Backup failed"]);
      expect(tickets[0]).toMatchObject({ client: "Contoso Dental", technician: "Maya Rivera", status: "Open" });
      expect(tickets[0].createdAt).toMatch(/Z$/);
      expect(sent(ids, "getTicketList").input).toMatchObject({
        condition: {
          joinOperator: "AND",
          operands: [
            { attribute: "client.name", operator: "contains", value: "contoso" },
            { attribute: "status", operator: "is", value: "Open" },
            { attribute: "createdTime", operator: "after", value: "2020-01-01T00:00:00" },
          ],
        },
        sort: [{ attribute: "createdTime", order: "DESC" }],
      });
    },
  },
  {
    tool: "superops_get_ticket",
    args: (ids) => ({ ticketId: ticket(ids).ticketId, withWork: true }),
    uses: ["query getTicket", "query getTicketConversationList", "query getTicketNoteList", "query getWorklogEntries"],
    check: (value, ids) => {
      expect(value.ticket).toMatchObject({ subject: "Scanner jams", requester: "Anna Berg" });
      expect(value.ticket.clientId).toBe(world(ids).clients[0]!.accountId);
      expect(value.conversation.map(({ type, by }: { type: string; by: string }) => [type, by])).toEqual([
        ["DESCRIPTION", "Anna Berg"],
        ["REQ_REPLY", "stranger@client.example"],
      ]);
      expect(value.conversation[0].text).toMatch(/^Scanner jams since this morning\./);
      expect(value.notes[0].text).toBe("Old key was [secret]");
      expect(value.work).toMatchObject([{ item: "Remote support", quantity: "1.5" }]);
      expect(value.partial).toBeUndefined();
    },
  },
  {
    tool: "superops_get_ticket",
    args: (ids) => ({ displayId: ticket(ids).displayId }),
    uses: ["query getTicketList", "query getTicketConversationList", "query getTicketNoteList"],
    check: (value, ids) => expect(value.ticket.ticketId).toBe(ticket(ids).ticketId),
  },
  {
    tool: "superops_create_ticket",
    args: (ids) => ({
      client: "Contoso Dental",
      subject: "Lost mouse",
      text: "Lost it.",
      requester: "ben cole",
      priority: "high",
      assetIds: [asset(ids, "CONT-SEA-WS01").assetId],
    }),
    uses: ["query getPriorityList", "query getClientList", "query getClientUserList", "mutation createTicket"],
    check: (value, ids) => {
      const { accountId } = world(ids).clients[0]!;
      const made = world(ids).tickets.find(({ ticketId }) => ticketId === value.ticket.ticketId)!;
      expect(made).toMatchObject({ subject: "Lost mouse", priority: "High", displayId: value.ticket.displayId });
      expect(sent(ids, "createTicket").input).toEqual({
        client: { accountId },
        subject: "Lost mouse",
        description: "Lost it.",
        requester: { userId: world(ids).users[1]!.userId },
        priority: "High",
        addAssets: [{ assetId: asset(ids, "CONT-SEA-WS01").assetId }],
        source: "INTEGRATION",
        requestType: "Incident",
      });
    },
  },
  {
    tool: "superops_update_ticket",
    args: (ids) => ({ ticketId: ticket(ids).ticketId, status: "on hold", technician: "Sam", group: "Projects" }),
    uses: ["query getStatusList", "query getTechnicianGroupList", "query getTechnicianList", "mutation updateTicket"],
    check: (value, ids) => {
      expect(value.ticket).toMatchObject({ status: "On Hold", technician: "Sam Okafor", priority: "Medium" });
      // Only what was given is sent: the rest stays.
      expect(Object.keys(sent(ids, "updateTicket").input).sort()).toEqual([
        "status",
        "techGroup",
        "technician",
        "ticketId",
      ]);
    },
  },
  {
    tool: "superops_reply_to_ticket",
    args: (ids) => ({ ticketId: ticket(ids).ticketId, text: "On my way." }),
    uses: ["mutation createTicketConversation"],
    check: (value, ids) => {
      expect(value.replyId).toMatch(/^\d{19}$/);
      expect(world(ids).mails).toEqual([]);
    },
  },
  {
    tool: "superops_reply_to_ticket",
    args: (ids) => ({ ticketId: ticket(ids).ticketId, text: "Done.", mail: true }),
    uses: ["mutation createTicketConversation"],
    asks: true,
    check: (_, ids) => expect(world(ids).mails).toEqual(["Done."]),
  },
  {
    tool: "superops_add_ticket_note",
    args: (ids) => ({ ticketId: ticket(ids).ticketId, text: "Needs a new roller." }),
    uses: ["mutation createTicketNote"],
    check: (value, ids) =>
      expect(world(ids).notes.get(ticket(ids).ticketId)!.at(-1)).toMatchObject({
        noteId: value.noteId,
        privacyType: "PRIVATE",
      }),
  },
  {
    tool: "superops_add_ticket_note",
    args: (ids) => ({ ticketId: ticket(ids).ticketId, text: "A part is on its way.", visibility: "public" }),
    uses: ["mutation createTicketNote"],
    asks: true,
    check: (_, ids) =>
      expect(world(ids).notes.get(ticket(ids).ticketId)!.at(-1)).toMatchObject({ privacyType: "PUBLIC" }),
  },
  {
    tool: "superops_log_time",
    args: (ids) => ({
      ticketId: ticket(ids).ticketId,
      service: "remote support",
      quantity: "0.5",
      at: "2026-11-20T10:00:00+01:00",
      notes: "On the phone.",
    }),
    uses: ["query getServiceItemList", "mutation createWorklogEntries"],
    check: (value, ids) =>
      expect(world(ids).work.at(-1)).toMatchObject({
        itemId: value.entryId,
        qty: "0.5",
        billable: true,
        billDateTime: "2026-11-20T09:00:00",
        notes: "On the phone.",
      }),
  },
  {
    tool: "superops_search_assets",
    args: () => ({ client: "contoso", name: "DC", status: "OFFLINE" }),
    uses: ["query getAssetList"],
    check: ({ assets }, ids) =>
      expect(assets).toMatchObject([
        { name: "CONT-TAC-DC02", assetId: asset(ids, "CONT-TAC-DC02").assetId, site: "Contoso Dental - Tacoma" },
      ]),
  },
  {
    tool: "superops_get_asset",
    args: (ids) => ({
      assetId: asset(ids, "CONT-SEA-FS01").assetId,
      include: ["summary", "disks", "alerts", "patches", "software"],
    }),
    uses: [
      "query getAsset",
      "query getAssetSummary",
      "query getAssetDiskDetails",
      "query getAlertsForAsset",
      "query getAssetPatchDetails",
      "query getAssetSoftwareList",
    ],
    check: (value) => {
      expect(value.asset).toMatchObject({ name: "CONT-SEA-FS01", client: "Contoso Dental", status: "ONLINE" });
      expect(value.summary).toMatchObject({ memory: "34359738368", memoryUsed: "61.5" });
      expect(value.disks).toEqual([{ drive: "C:", size: "511101108224", free: "102220221644" }]);
      expect(value.alerts).toHaveLength(1);
      expect(value.patches).toHaveLength(3);
      expect(value.software.map(name)).toEqual(["7-Zip", "Google Chrome"]);
    },
  },
  {
    tool: "superops_get_asset",
    args: (ids) => ({ assetId: asset(ids, "CONT-SEA-FS01").assetId }),
    uses: ["query getAsset"],
    check: (value) => expect(value.disks).toBeUndefined(),
  },
  {
    tool: "superops_patch_report",
    args: () => ({ client: "Adatum Veterinary", atMost: 3 }),
    uses: ["query getClientList", "query getAssetList", "query getAssetPatchDetails"],
    check: (value) => {
      expect(value.assets.count).toBe(3);
      expect(value.missing).toMatchObject({ count: 6, by: { status: { Pending: 3, Failed: 3 } } });
      expect(value.coverage).toMatchObject({ asked: 3, answered: 3, failed: 0, complete: false });
    },
  },
  {
    tool: "superops_list_alerts",
    args: () => ({ severity: "critical" }),
    uses: ["query getAlertList"],
    check: ({ alerts }, ids) => {
      expect(alerts.map(({ asset }: { asset: string }) => asset)).toEqual(["CONT-TAC-DC02", "CONT-SEA-FS01"]);
      expect(alerts[1].assetId).toBe(asset(ids, "CONT-SEA-FS01").assetId);
    },
  },
  {
    tool: "superops_list_alerts",
    args: (ids) => ({ assetId: asset(ids, "FAB-HO-SQL01").assetId }),
    uses: ["query getAlertsForAsset"],
    check: ({ alerts }, ids) => expect(alerts).toMatchObject([{ alertId: alertOn(ids, "FAB-HO-SQL01").id }]),
  },
  {
    tool: "superops_resolve_alerts",
    args: (ids) => ({ alertIds: [alertOn(ids, "FAB-HO-SQL01").id, alertOn(ids, "CONT-SEA-FS01").id] }),
    uses: ["mutation resolveAlerts"],
    check: (value, ids) => {
      expect(value).toEqual({ resolved: true });
      expect(alertOn(ids, "CONT-SEA-FS01").status).toBe("Resolved");
    },
  },
  {
    tool: "superops_alert_to_ticket",
    args: (ids) => ({ alertId: alertOn(ids, "CONT-TAC-DC02").id, resolve: true }),
    uses: ["query getAlertList", "query getAsset", "mutation createTicket", "mutation resolveAlerts"],
    check: (value, ids) => {
      expect(value).toMatchObject({ resolved: true, done: ["ticket", "resolved"] });
      expect(sent(ids, "createTicket").input).toMatchObject({
        subject: "The machine is offline.",
        client: { accountId: world(ids).clients[0]!.accountId },
        addAssets: [{ assetId: asset(ids, "CONT-TAC-DC02").assetId }],
      });
      expect(alertOn(ids, "CONT-TAC-DC02").status).toBe("Resolved");
    },
  },
  {
    tool: "superops_list_scripts",
    args: () => ({ type: "WINDOWS", name: "temp" }),
    uses: ["query getScriptListByType"],
    check: ({ scripts }) => expect(scripts).toMatchObject([{ name: "Clear temp files", variables: ["olderThanDays"] }]),
  },
  {
    tool: "superops_run_script",
    args: (ids) => ({
      assetId: asset(ids, "CONT-SEA-WS01").assetId,
      scriptId: world(ids).scripts[0]!.scriptId,
      variables: [{ name: "olderThanDays", value: "30" }],
    }),
    uses: ["mutation runScriptOnAsset"],
    check: (value, ids) => {
      expect(value.actionId).toMatch(/^\d{19}$/);
      expect(world(ids).runs).toMatchObject([{ scriptArguments: [{ name: "olderThanDays", value: "30" }] }]);
    },
  },
  {
    tool: "superops_search_clients",
    args: () => ({ stage: "Onboarding" }),
    uses: ["query getClientList"],
    check: ({ clients }) => expect(clients).toMatchObject([{ name: "Adatum Veterinary", manager: "Maya Rivera" }]),
  },
  {
    tool: "superops_client_overview",
    args: () => ({ client: "northwind" }),
    uses: [
      "query getClientList",
      "query getClient",
      "query getClientSiteList",
      "query getClientUserList",
      "query getTicketList",
      "query getAssetList",
      "query getClientContractList",
    ],
    check: (value) => {
      expect(value.client).toMatchObject({ name: "Northwind Legal", manager: "Maya Rivera" });
      expect(value.sites).toEqual(["Northwind Legal"]);
      expect(value.users.map(name)).toEqual(["Anna Berg", "Ben Cole"]);
      expect(value.tickets.map(subject)).toEqual(["Scanner jams", "Slow logon", "Backup failed"]);
      expect(value.assets).toHaveLength(11);
      expect(value.contracts).toMatchObject([{ name: "Managed Gold", type: "SERVICE", status: "ACTIVE" }]);
    },
  },
  {
    tool: "superops_search_knowledge_base",
    args: () => ({ text: "scanner" }),
    uses: ["query getKbItems"],
    check: ({ items }) => expect(items).toMatchObject([{ name: "How to reset the scanner", status: "PUBLISHED" }]),
  },
  {
    tool: "superops_search_knowledge_base",
    args: (ids) => ({ itemId: world(ids).articles[1]!.itemId }),
    uses: ["query getKbItem"],
    check: ({ article }) => expect(article.text).toMatch(/^Scanner\s+Hold the button\./),
  },
  {
    tool: "superops_list_invoices",
    args: () => ({ status: "OVERDUE", from: "2026-06-15" }),
    uses: ["query getInvoiceList"],
    check: ({ invoices }) => expect(invoices).toMatchObject([{ number: "INV-1002", client: "Northwind Legal" }]),
  },
  ...(
    [
      ["status", "query getStatusList", "Open"],
      ["priority", "query getPriorityList", "Critical"],
      ["impact", "query getImpactList", "High"],
      ["urgency", "query getUrgencyList", "High"],
      ["category", "query getCategoryList", "Hardware"],
      ["sla", "query getSLAList", "Standard"],
      ["group", "query getTechnicianGroupList", "Service Desk"],
      ["technician", "query getTechnicianList", "Maya Rivera"],
    ] as const
  ).map(
    ([kind, use, first]): VendorCase => ({
      tool: "superops_list_choices",
      args: () => ({ kind }),
      uses: [use],
      check: ({ choices }) => expect(choices[0]).toEqual({ id: expect.stringMatching(/^\d{19}$/), name: first }),
    }),
  ),
];

export const superops: Suite = {
  cases,
  tools: 20,
  writes: [
    "superops_add_ticket_note",
    "superops_alert_to_ticket",
    "superops_create_ticket",
    "superops_log_time",
    "superops_reply_to_ticket",
    "superops_resolve_alerts",
    "superops_update_ticket",
  ],
  destroys: ["superops_run_script"],
  labels: ["query getStatusList", "query getPriorityList", "query getCategoryList", "query getTechnicianGroupList"],
  failing: {
    tool: "superops_list_scripts",
    args: { type: "WINDOWS" },
    path: "query getScriptListByType",
    // Under 200, whatever it is about.
    refusal: (status, words) =>
      status === 409 ? refused(409, {}) : refusedWith("value_pattern_validation_failed", words),
  },
  requirements: { superops_search_tickets: "VEN-17, VEN-21" },
};
