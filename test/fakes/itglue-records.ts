import { html, oddCharacters, orders, secrets } from "./nasty.ts";
import type { GlueWorld, Time } from "./world-itglue.ts";

/** Marked, so that a test can tell any value of a password that leaves. */
export const passwordValue = (name: string) => `value-of-${name.toLowerCase().replace(/\W+/g, "-")}-Xy7!`;

export function addPasswords(glue: GlueWorld, time: Time) {
  for (const company of glue.world.companies) {
    const entries = [
      ["Domain administrator", `${company.shortName}\\administrator`, 51, "Active Directory", 420],
      ["Firewall", "admin", 52, "Network", 95],
      ["Microsoft 365 global admin", `admin@${company.domain}`, 53, "Cloud Management", 12],
      ["Scanner mailbox", `scan@${company.domain}`, 54, "Email Account", 800],
    ] as const;
    for (const [name, username, categoryId, category, age] of entries) {
      const record = glue.add("passwords", {
        "organization-id": company.id,
        "organization-name": company.name,
        "resource-url": `${glue.origin}/${company.id}/passwords/1`,
        restricted: false,
        "my-glue": false,
        name,
        "autofill-selectors": null,
        username,
        url: `https://login.${company.domain}`,
        notes: name === "Firewall" ? `${orders} ${secrets.github}` : null,
        "password-updated-at": time(age),
        "updated-by": 9,
        "resource-id": null,
        "resource-type": null,
        "cached-resource-type-name": null,
        "cached-resource-name": null,
        "password-category-id": categoryId,
        "password-category-name": category,
      });
      glue.values.set(record.id, passwordValue(`${company.name} ${name}`));
    }
  }
}

export function addDocuments(glue: GlueWorld, time: Time) {
  const document = (
    company: { id: number; name: string },
    name: string,
    folder: number | null,
    age: number,
    sections: [type: string, content: string][],
  ) => {
    const record = glue.add("documents", {
      "organization-id": company.id,
      "organization-name": company.name,
      "resource-url": `${glue.origin}/${company.id}/docs/1`,
      name,
      published: true,
      archived: false,
      restricted: false,
      public: false,
      "document-folder-id": folder,
      content: sections.map(([, content]) => content).join("\n"),
      "updated-at": time(age),
    });
    for (const [position, [type, content]] of sections.entries()) {
      glue.add("document-sections", {
        "document-id": Number(record.id),
        "resource-type": type,
        content,
        position,
        sort: position,
        level: type === "Document::Heading" ? 2 : null,
      });
    }
    return record;
  };
  for (const company of glue.world.companies) {
    document(company, "Onboarding a new user", null, 20, [
      ["Document::Heading", "Before the first day"],
      [
        "Document::Text",
        "<p>Create the account in <strong>Active Directory</strong>.</p><ul><li>Licence</li><li>Groups</li></ul>",
      ],
    ]);
    document(company, "Network overview", null, 500, [
      ["Document::Text", `<p>${orders}</p>${html}<p>Backup key ${secrets.aws}</p><p>${oddCharacters}</p>`],
    ]);
    document(company, "Empty template", null, 700, []);
    document(company, "Server room access", 8801, 45, [["Document::Text", "<p>The key is at the front desk.</p>"]]);
  }
}

/** Kinds of the fields that matter: two hold passwords, and one of those has a harmless name. */
const fieldsOf: Record<number, readonly (readonly [name: string, kind: string])[]> = {
  91: [
    ["SSID", "Text"],
    ["Security", "Select"],
    ["Password", "Password"],
    ["Guest code", "Password"],
    ["Guest network", "Select"],
  ],
  92: [
    ["Product", "Text"],
    ["Retention", "Text"],
    ["Last test", "Date"],
    ["Notes", "Textbox"],
  ],
  93: [
    ["Type", "Select"],
    ["Webmail URL", "Text"],
    ["Domains", "Tag"],
  ],
  94: [
    ["Product", "Text"],
    ["Seats", "Number"],
    ["License key", "Password"],
  ],
};

export function addFlexibleAssets(glue: GlueWorld) {
  const types = [
    ["Wi-Fi", "wifi"],
    ["Backup", "cloud"],
    ["Email", "envelope"],
    ["Licensing", "key"],
  ] as const;
  for (const [index, [name, icon]] of types.entries()) {
    const type = 91 + index;
    glue.add("flexible-asset-types", { name, description: `${name} of a client`, icon, "show-in-menu": true }, type);
    for (const [position, [field, kind]] of fieldsOf[type]!.entries()) {
      glue.add("flexible-asset-fields", {
        "flexible-asset-type-id": type,
        order: position + 1,
        name: field,
        kind,
        hint: null,
        decimals: null,
        "default-value": null,
        "tag-type": kind === "Tag" ? "Domains" : null,
        required: position === 0,
        "use-for-title": position === 0,
        expiration: false,
        "show-in-list": position < 3,
        "name-key": field.toLowerCase().replaceAll(" ", "-"),
      });
    }
  }
  for (const company of glue.world.companies) {
    const add = (typeId: number, typeName: string, name: string, traits: Record<string, unknown>) =>
      glue.add("flexible-assets", {
        "organization-id": company.id,
        "organization-name": company.name,
        "resource-url": `${glue.origin}/${company.id}/assets/1`,
        restricted: false,
        "my-glue": false,
        "flexible-asset-type-id": typeId,
        "flexible-asset-type-name": typeName,
        name,
        traits,
        archived: false,
      });
    add(91, "Wi-Fi", `${company.shortName}-Office`, {
      ssid: `${company.shortName}-Office`,
      security: "WPA3",
      password: passwordValue(`${company.name} wifi`),
      "guest-code": passwordValue(`${company.name} guests`),
      "guest-network": "No",
    });
    add(92, "Backup", "Nightly", {
      product: "Datto SIRIS",
      retention: "30 days",
      "last-test": "2026-09-01",
      notes: secrets.github,
    });
    add(93, "Email", "Microsoft 365", {
      type: "Office 365",
      "webmail-url": "https://outlook.office.com",
      domains: {
        type: "Domains",
        values: [{ id: company.id, name: company.domain, "organization-name": company.name }],
      },
    });
  }
}
