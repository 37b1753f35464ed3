import { expect } from "vitest";
import { passwordValue } from "../../fakes/itglue-records.ts";
import { refused } from "../../fakes/trouble.ts";
import type { Suite, VendorCase } from "./case.ts";

const cases: readonly VendorCase[] = [
  {
    tool: "itglue_search_organizations",
    args: () => ({ psaId: "29683501", psaType: "autotask" }),
    uses: ["GET /organizations"],
    check: ({ organizations }) =>
      expect(organizations).toEqual([
        { id: "4002", name: "Northwind Legal", shortName: "NWL", type: "Customer", status: "Active" },
      ]),
  },
  {
    tool: "itglue_get_organization",
    args: () => ({ id: "4001" }),
    uses: ["GET /organizations/{id}"],
    check: ({ organization }) => {
      expect(organization).toMatchObject({ id: "4001", name: "Contoso Dental" });
      expect(organization.quickNotes).toContain("Open 7 to 18.");
      expect(organization.quickNotes).not.toMatch(/<|steal|evil\.example/);
    },
  },
  {
    tool: "itglue_search_configurations",
    args: (ids) => ({ rmmId: ids.machine("CONT-SEA-FS01").uid, rmmType: "aem" }),
    uses: ["GET /configurations"],
    check: ({ configurations }, ids) =>
      expect(configurations).toMatchObject([
        {
          name: "CONT-SEA-FS01",
          type: "Server",
          serialNumber: ids.machine("CONT-SEA-FS01").serial,
          organization: "Contoso Dental",
        },
      ]),
  },
  {
    tool: "itglue_get_configuration",
    args: (ids) => ({ id: ids.record("configurations", "CONT-SEA-FS01").id }),
    uses: ["GET /configurations/{id}", "GET /configurations/{configuration_id}/relationships/configuration_interfaces"],
    check: (value, ids) =>
      expect(value).toMatchObject({
        configuration: { name: "CONT-SEA-FS01", model: "PowerEdge R550" },
        interfaces: [{ ip: ids.machine("CONT-SEA-FS01").ip }],
      }),
  },
  {
    tool: "itglue_search_passwords",
    args: () => ({ organizationId: "4001" }),
    uses: ["GET /passwords"],
    check: ({ passwords }) => {
      expect(passwords).toHaveLength(4);
      expect(passwords[0]).toMatchObject({
        name: "Domain administrator",
        username: "CONT\\administrator",
        category: "Active Directory",
        ageDays: 420,
      });
    },
  },
  {
    tool: "itglue_get_password",
    args: (ids) => ({ id: ids.record("passwords", "Firewall").id }),
    uses: ["GET /passwords/{id}"],
    check: (value) => {
      expect(value.entry).toMatchObject({ name: "Firewall", username: "admin", category: "Network" });
      expect(JSON.stringify(value)).not.toContain("value-of-");
    },
  },
  {
    tool: "itglue_reveal_password",
    args: (ids) => ({ id: ids.record("passwords", "Firewall").id, reason: "Firmware update agreed with the client" }),
    uses: ["GET /passwords/{id}"],
    check: (value) =>
      expect(value).toEqual({
        name: "Firewall",
        username: "admin",
        password: passwordValue("Contoso Dental Firewall"),
      }),
  },
  {
    tool: "itglue_search_documents",
    args: () => ({ organizationId: "4001" }),
    uses: ["GET /organizations/{organization_id}/relationships/documents"],
    check: (value) => {
      expect(value.documents.map(({ name }: { name: string }) => name)).toEqual([
        "Onboarding a new user",
        "Network overview",
        "Empty template",
        "Server room access",
      ]);
      expect(JSON.stringify(value)).not.toContain("Active Directory"); // bodies stay behind
    },
  },
  {
    tool: "itglue_search_documents",
    args: () => ({ organizationId: "4001", folderId: "8801" }),
    uses: ["GET /organizations/{organization_id}/relationships/documents"],
    check: ({ documents }) => expect(documents).toMatchObject([{ name: "Server room access", folderId: "8801" }]),
  },
  {
    tool: "itglue_get_document",
    args: (ids) => ({ id: ids.record("documents", "Onboarding a new user").id }),
    uses: ["GET /documents/{id}", "GET /documents/{id}/relationships/sections"],
    check: (value) => {
      expect(value.document).toMatchObject({ name: "Onboarding a new user", published: true });
      expect(value.sections.map(({ kind }: { kind: string }) => kind)).toEqual(["Document::Heading", "Document::Text"]);
      expect(value.sections[1].text).toMatch(/Create the account in Active Directory\.[\s\S]*Licence/);
    },
  },
  {
    tool: "itglue_search_flexible_assets",
    args: () => ({ type: "wi-fi", organizationId: "4001" }),
    uses: [
      "GET /flexible_asset_types",
      "GET /flexible_asset_types/{flexible_asset_type_id}/relationships/flexible_asset_fields",
      "GET /flexible_assets",
    ],
    check: ({ assets }) => {
      expect(assets).toMatchObject([{ name: "CONT-Office", traits: { ssid: "CONT-Office", security: "WPA3" } }]);
      // One password field is called so, the other looks harmless: both stay behind.
      expect(JSON.stringify(assets)).not.toContain("value-of-");
    },
  },
  {
    tool: "itglue_search_contacts",
    args: () => ({ organizationId: "4001", email: "olivia.hart@contoso-dental.example" }),
    uses: ["GET /contacts"],
    check: ({ contacts }) => {
      expect(contacts).toMatchObject([{ name: "Olivia Hart", title: "Office manager" }]);
      expect(JSON.stringify(contacts[0].emails)).toContain("olivia.hart@contoso-dental.example");
    },
  },
  {
    tool: "itglue_search_locations",
    args: () => ({ city: "Seattle" }),
    uses: ["GET /locations"],
    check: ({ locations }) => expect(locations).toMatchObject([{ city: "Seattle", address: "4001 Pine Street" }]),
  },
  {
    tool: "itglue_list_expirations",
    args: (ids) => ({
      organizationId: "4001",
      until: new Date(ids.glue.world.now + 60 * 86_400_000).toISOString().slice(0, 10),
    }),
    uses: ["GET /expirations"],
    check: ({ expirations }) =>
      expect(expirations.map(({ type }: { type: string }) => type)).toEqual(["SSL Certificate", "Domain"]),
  },
  ...(
    [
      ["flexible_asset_types", "Wi-Fi"],
      ["configuration_types", "Server"],
      ["configuration_statuses", "Active"],
      ["password_categories", "Network"],
      ["organization_types", "Customer"],
      ["organization_statuses", "Active"],
      ["contact_types", "Decision maker"],
    ] as const
  ).map(([kind, name]) => ({
    tool: "itglue_list_choices",
    args: () => ({ kind }),
    uses: [`GET /${kind}`],
    check: ({ choices }: { choices: unknown[] }) => expect(choices).toContainEqual({ id: expect.any(String), name }),
  })),
  {
    tool: "itglue_save_configuration",
    args: () => ({
      organizationId: "4001",
      type: "Firewall",
      status: "Active",
      name: "CONT-SEA-FW01",
      ip: "10.20.0.1",
      warrantyUntil: "2028-06-30",
    }),
    uses: ["GET /configuration_types", "GET /configuration_statuses", "POST /configurations"],
    check: ({ configuration }, ids) => {
      expect(configuration).toMatchObject({
        name: "CONT-SEA-FW01",
        type: "Firewall",
        status: "Active",
      });
      expect(ids.record("configurations", "CONT-SEA-FW01").attributes).toMatchObject({
        "primary-ip": "10.20.0.1",
        "warranty-expires-at": "2028-06-30",
      });
    },
  },
  {
    tool: "itglue_save_configuration",
    args: (ids) => ({ id: ids.record("configurations", "CONT-SEA-DC01").id, name: "CONT-SEA-DC01", notes: "Rack 2" }),
    uses: ["PATCH /configurations/{id}"],
    check: (_value, ids) =>
      expect(ids.record("configurations", "CONT-SEA-DC01").attributes).toMatchObject({
        notes: "Rack 2",
        "configuration-type-name": "Server",
      }),
  },
  {
    tool: "itglue_save_flexible_asset",
    args: (ids) => ({ id: ids.record("flexible-assets", "Nightly").id, traits: { retention: "90 days" } }),
    uses: ["GET /flexible_assets/{id}", "PATCH /flexible_assets/{id}"],
    // The vendor forgets what an update leaves out; the tool must not.
    check: (_value, ids) =>
      expect(ids.record("flexible-assets", "Nightly").attributes["traits"]).toMatchObject({
        retention: "90 days",
        product: "Datto SIRIS",
        "last-test": "2026-09-01",
      }),
  },
  {
    tool: "itglue_save_flexible_asset",
    args: () => ({ type: "Licensing", organizationId: "4001", traits: { product: "Dentrix", seats: 12 } }),
    uses: ["GET /flexible_asset_types", "POST /flexible_assets"],
    check: ({ asset }) => expect(asset).toMatchObject({ id: expect.any(String), name: "Dentrix" }),
  },
  {
    tool: "itglue_save_password",
    args: () => ({
      organizationId: "4001",
      name: "Backup console",
      username: "backup",
      password: "new-value-Zq9!",
      category: "Cloud Management",
    }),
    uses: ["GET /password_categories", "POST /passwords"],
    check: (value, ids) => {
      expect(value).toEqual({ id: expect.any(String), name: "Backup console" });
      expect(ids.glue.values.get(value.id)).toBe("new-value-Zq9!");
    },
  },
  {
    tool: "itglue_save_password",
    args: (ids) => ({
      id: ids.record("passwords", "Scanner mailbox").id,
      name: "Scanner mailbox",
      password: "rotated-value-Kd3!",
    }),
    uses: ["PATCH /passwords/{id}"],
    check: (value, ids) => {
      expect(JSON.stringify(value)).not.toContain("rotated-value");
      expect(ids.glue.values.get(value.id)).toBe("rotated-value-Kd3!");
    },
  },
  {
    tool: "itglue_write_document",
    args: () => ({
      organizationId: "4001",
      name: "Printer runbook",
      sections: [{ html: "<h2>Paper jam</h2>" }, { html: "<p>Open tray two.</p>" }],
      state: "published",
    }),
    uses: ["POST /documents", "POST /documents/{id}/relationships/sections", "PATCH /documents/{id}/publish"],
    check: (value, ids) => {
      expect(value.document).toMatchObject({ name: "Printer runbook" });
      expect(ids.record("documents", "Printer runbook").attributes).toMatchObject({
        published: true,
        content: "<h2>Paper jam</h2><p>Open tray two.</p>",
      });
    },
  },
  {
    tool: "itglue_organization_overview",
    args: () => ({ id: "4001" }),
    uses: [
      "GET /organizations/{id}",
      "GET /configurations",
      "GET /passwords",
      "GET /contacts",
      "GET /locations",
      "GET /expirations",
    ],
    check: (value, ids) => {
      const count = (type: "configurations" | "passwords") =>
        ids.glue.records[type].filter(({ attributes }) => attributes["organization-id"] === 4001).length;
      expect(value).toMatchObject({
        organization: { name: "Contoso Dental" },
        configurations: count("configurations"),
        passwords: count("passwords"),
        contacts: 3,
        locations: 1,
      });
      expect(value.mainContacts.map(({ name }: { name: string }) => name)).toEqual(["Olivia Hart", "Priya Nair"]);
      expect(value.expirations[0]).toMatchObject({ what: "contoso-dental.example" });
    },
  },
  {
    tool: "itglue_documentation_gaps",
    args: () => ({ id: "4002", staleDays: 365 }),
    uses: ["GET /configurations", "GET /passwords", "GET /organizations/{organization_id}/relationships/documents"],
    check: (value) => {
      expect(value.withoutLocation.length).toBeGreaterThan(0);
      expect(value.oldPasswords.map(({ name }: { name: string }) => name)).toEqual([
        "Domain administrator",
        "Scanner mailbox",
      ]);
      expect(value.emptyDocuments.map(({ name }: { name: string }) => name)).toEqual(["Empty template"]);
    },
  },
];

export const itglue: Suite = {
  cases,
  tools: 20,
  writes: ["itglue_save_configuration", "itglue_save_flexible_asset", "itglue_save_password", "itglue_write_document"],
  reveals: ["itglue_reveal_password"],
  failing: {
    tool: "itglue_search_organizations",
    args: {},
    path: "GET /organizations",
    refusal: (status, words) =>
      refused(status, { errors: [{ status: String(status), title: "Unprocessable", detail: words }] }),
  },
  requirements: {
    itglue_search_organizations: "VEN-09",
    itglue_get_organization: "VEN-09",
    itglue_search_configurations: "VEN-09",
    itglue_get_configuration: "VEN-09",
    itglue_search_passwords: "VEN-10",
    itglue_get_password: "VEN-10",
    itglue_reveal_password: "VEN-10",
    itglue_search_documents: "VEN-11",
    itglue_search_flexible_assets: "VEN-12",
  },
};
