import { addDocuments, addFlexibleAssets, addPasswords } from "./itglue-records.ts";
import { html, oddCharacters, secrets } from "./nasty.ts";
import { DAY, type World } from "./world.ts";

/** One JSON:API record as it is kept: attributes in kebab-case, as they are answered. */
export interface Entry {
  id: string;
  type: string;
  attributes: Record<string, unknown>;
}

export type Collection =
  | "organizations"
  | "organization-types"
  | "organization-statuses"
  | "configurations"
  | "configuration-types"
  | "configuration-statuses"
  | "configuration-interfaces"
  | "passwords"
  | "password-categories"
  | "documents"
  | "document-sections"
  | "flexible-assets"
  | "flexible-asset-types"
  | "flexible-asset-fields"
  | "contacts"
  | "contact-types"
  | "locations"
  | "expirations";

export interface GlueWorld {
  world: World;
  origin: string;
  /** Password values apart, so that no list can hold one by accident. */
  values: Map<string, string>;
  records: Record<Collection, Entry[]>;
  /** Ids of configurations by the RMM's numeric id and by its uid. */
  rmmIds: Map<string, string>;
  add(type: Collection, attributes: Record<string, unknown>, id?: number): Entry;
}

/** The documentation of the same clients whose machines the RMM watches. */
export function createGlueWorld(world: World): GlueWorld {
  const names: Collection[] = [
    "organizations",
    "organization-types",
    "organization-statuses",
    "configurations",
    "configuration-types",
    "configuration-statuses",
    "configuration-interfaces",
    "passwords",
    "password-categories",
    "documents",
    "document-sections",
    "flexible-assets",
    "flexible-asset-types",
    "flexible-asset-fields",
    "contacts",
    "contact-types",
    "locations",
    "expirations",
  ];
  let lastId = 880_000;
  const time = (daysAgo: number) => new Date(world.now - daysAgo * DAY).toISOString();
  const glue: GlueWorld = {
    world,
    origin: "https://bluepeak.itglue.com",
    values: new Map(),
    rmmIds: new Map(),
    records: Object.fromEntries(names.map((name) => [name, []])) as unknown as GlueWorld["records"],
    add(type, attributes, id = ++lastId) {
      const record = {
        id: String(id),
        type,
        attributes: { "created-at": time(400), "updated-at": time(30), ...attributes },
      };
      glue.records[type].push(record);
      return record;
    },
  };
  addChoices(glue);
  addOrganizations(glue, time);
  addConfigurations(glue, time);
  addPasswords(glue, time);
  addDocuments(glue, time);
  addFlexibleAssets(glue);
  return glue;
}

const choices: Partial<Record<Collection, readonly (readonly [id: number, name: string])[]>> = {
  "organization-types": [
    [11, "Customer"],
    [12, "Internal"],
    [13, "Prospect"],
  ],
  "organization-statuses": [
    [21, "Active"],
    [22, "Inactive"],
  ],
  "configuration-types": [
    [31, "Server"],
    [32, "Workstation"],
    [33, "Laptop"],
    [34, "Printer"],
    [35, "Switch"],
    [36, "Firewall"],
  ],
  "configuration-statuses": [
    [41, "Active"],
    [42, "Retired"],
  ],
  "password-categories": [
    [51, "Active Directory"],
    [52, "Network"],
    [53, "Cloud Management"],
    [54, "Email Account"],
  ],
  "contact-types": [
    [61, "Decision maker"],
    [62, "End user"],
    [63, "Vendor"],
  ],
};

function addChoices(glue: GlueWorld) {
  for (const [type, entries] of Object.entries(choices)) {
    for (const [id, name] of entries) {
      const counts =
        type === "configuration-types"
          ? { "configurations-count": 0 }
          : type === "password-categories"
            ? { "passwords-count": 0 }
            : {};
      glue.add(type as Collection, { name, ...counts }, id);
    }
  }
}

export type Time = (daysAgo: number) => string;

function addOrganizations(glue: GlueWorld, time: Time) {
  const add = (
    id: number,
    name: string,
    shortName: string,
    type: readonly [number, string],
    primary: boolean,
    notes: string | null,
  ) =>
    glue.add(
      "organizations",
      {
        name,
        "short-name": shortName,
        alert: id === 4002 ? "Two-person rule: call the office manager before any change." : null,
        description: null,
        "organization-type-id": type[0],
        "organization-type-name": type[1],
        "organization-status-id": 21,
        "organization-status-name": "Active",
        primary,
        logo: null,
        "quick-notes": notes,
        "parent-id": null,
        "ancestor-ids": null,
      },
      id,
    );
  add(4000, glue.world.msp, "MSP", [12, "Internal"], true, null);
  for (const company of glue.world.companies) {
    add(
      company.id,
      company.name,
      company.shortName,
      [11, "Customer"],
      false,
      company.id === 4001 ? `<p>Open <b>7 to 18</b>.</p>${html}` : null,
    );
    const site = glue.world.sites.find((each) => each.company === company)!;
    glue.add("locations", {
      "organization-id": company.id,
      "organization-name": company.name,
      name: "Main office",
      primary: true,
      "address-1": `${company.id} Pine Street`,
      "address-2": null,
      city: site.city,
      "postal-code": "98101",
      "region-id": 48,
      "region-name": "Washington",
      "country-id": 2,
      "country-name": "United States",
      phone: "2065550100",
      fax: null,
      notes: null,
      "formatted-phone": "206-555-0100",
      "formatted-fax": null,
    });
    for (const [first, last, title, type, important] of [
      ["Olivia", "Hart", "Office manager", 61, true],
      ["Sam", "Reyes", "Accounting", 62, false],
      ["Priya", "Nair", "Partner", 61, true],
    ] as const) {
      glue.add("contacts", {
        "organization-id": company.id,
        "organization-name": company.name,
        name: `${first} ${last}`,
        "first-name": first,
        "last-name": last,
        title,
        "contact-type-id": type,
        "contact-type-name": type === 61 ? "Decision maker" : "End user",
        "location-id": null,
        "location-name": null,
        important,
        notes: null,
        "contact-emails": [
          { value: `${first}.${last}@${company.domain}`.toLowerCase(), primary: true, "label-name": "Work" },
        ],
        "contact-phones": [
          {
            value: "2065550111",
            extension: null,
            primary: true,
            "label-name": "Work",
            "label-type": "phone",
            "formatted-value": "206-555-0111",
          },
        ],
      });
    }
    for (const [what, kind, days] of [
      ["Domain", "Domain", 24],
      ["Wildcard certificate", "SSL Certificate", -3],
      ["Firewall support", "Configuration", 200],
    ] as const) {
      const at = time(-days);
      glue.add("expirations", {
        "organization-id": company.id,
        "organization-name": company.name,
        "resource-url": `${glue.origin}/${company.id}/expirations`,
        description: `${what} of ${company.domain}`,
        "expiration-date": at,
        "resource-id": company.id * 10 + days,
        "resource-type": kind,
        "resource-type-name": kind,
        "resource-name": company.domain,
      });
    }
  }
}

const typeOf = {
  server: [31, "Server"],
  workstation: [32, "Workstation"],
  laptop: [33, "Laptop"],
  printer: [34, "Printer"],
  esxi: [31, "Server"],
  network: [35, "Switch"],
} as const;

function addConfigurations(glue: GlueWorld, time: Time) {
  for (const [index, machine] of glue.world.machines.entries()) {
    if (machine.dice("documented") < 0.1) continue;
    const { company } = machine.site;
    const [typeId, typeName] = typeOf[machine.kind];
    const record = glue.add(
      "configurations",
      {
        "organization-id": company.id,
        "organization-name": company.name,
        "resource-url": `${glue.origin}/${company.id}/configurations/${66_001 + index}`,
        name: machine.hostname,
        hostname: machine.hostname,
        "primary-ip": machine.ip,
        "mac-address": machine.mac,
        "serial-number": machine.serial,
        "asset-tag": `BP-${1000 + index}`,
        position: null,
        "installed-by": null,
        "purchased-by": null,
        notes: machine.hostname === "CONT-SEA-FS01" ? `Snapshot key ${secrets.aws} ${oddCharacters}` : null,
        "operating-system-notes": null,
        "warranty-expires-at": machine.warrantyUntil,
        "installed-at": "2023-05-02",
        "purchased-at": "2023-04-11",
        "organization-short-name": company.shortName,
        "configuration-type-id": typeId,
        "configuration-type-name": typeName,
        "configuration-type-kind": "rmm",
        "configuration-status-id": 41,
        "configuration-status-name": "Active",
        "manufacturer-id": 71,
        "manufacturer-name": machine.maker,
        "model-id": 72,
        "model-name": machine.model,
        "operating-system-id": machine.os ? 73 : null,
        "operating-system-name": machine.os || null,
        "location-id": null,
        "location-name": null,
        archived: false,
        "updated-at": time(machine.dice("updated") * 500),
      },
      66_001 + index,
    );
    glue.rmmIds.set(machine.uid, record.id).set(String(machine.id), record.id);
    glue.add(
      "configuration-interfaces",
      {
        "configuration-id": Number(record.id),
        primary: true,
        name: null,
        "ip-address": machine.ip,
        "mac-address": machine.mac,
        notes: null,
        id: 77_001 + index,
      },
      77_001 + index,
    );
  }
}
