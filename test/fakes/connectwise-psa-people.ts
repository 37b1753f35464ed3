import { secrets } from "./nasty.ts";
import { type PsaWorld, reference } from "./world-connectwise-psa.ts";

export const members = [
  { identifier: "MRivera", firstName: "Maya", lastName: "Rivera", inactiveFlag: false },
  { identifier: "TOkada", firstName: "Taro", lastName: "Okada", inactiveFlag: false },
  { identifier: "JBerg", firstName: "Jonas", lastName: "Berg", inactiveFlag: false },
  { identifier: "LGone", firstName: "Lena", lastName: "Gone", inactiveFlag: true },
];

const kinds = {
  server: "Server",
  workstation: "Workstation",
  laptop: "Laptop",
  printer: "Printer",
  esxi: "Server",
  network: "Switch",
};

/** Members, companies, their sites, contacts and machines. */
export function addPeople(psa: PsaWorld) {
  const { world, add, time } = psa;
  for (const [index, member] of members.entries())
    add(
      "members",
      {
        ...member,
        licenseClass: "F",
        hireDate: time(900),
        defaultEmail: "Office",
        defaultPhone: "Office",
        securityRole: { id: 1, name: "Service" },
        dailyCapacity: 8,
        primaryEmail: `${member.identifier.toLowerCase()}@bluepeak.example`,
        title: index === 0 ? "Service manager" : "Engineer",
        // What no answer of ours may hold, wherever the vendor puts it.
        password: secrets.github,
        token: secrets.aws,
      },
      101 + index,
    );
  for (const [index, company] of world.companies.entries()) {
    const row = add(
      "companies",
      {
        identifier: company.shortName,
        name: company.name,
        status: { id: 1, name: "Active" },
        types: [{ id: 1, name: index === 3 ? "Prospect" : "Client" }],
        addressLine1: `${10 + index} Main St`,
        city: world.sites.find((site) => site.company === company)!.city,
        phoneNumber: `206555010${index}`,
        website: `https://${company.domain}`,
        territory: { id: 2, name: "West" },
        deletedFlag: false,
        userDefinedField1: null,
      },
      21 + index,
    );
    for (const site of world.sites.filter((each) => each.company === company))
      add("sites", {
        name: site.name,
        company: reference(row),
        addressLine1: `${site.id} Harbor Ave`,
        city: site.city,
        phoneNumber: "2065550199",
        inactiveFlag: false,
      });
    addContacts(psa, row.id, company.domain);
  }
  for (const machine of world.machines) {
    const company = psa.tables.companies.find(({ name }) => name === machine.site.company.name);
    add(
      "configurations",
      {
        name: machine.hostname,
        type: { id: 5, name: kinds[machine.kind] },
        status: { id: 1, name: "Active" },
        company: reference(company),
        deviceIdentifier: String(machine.id),
        serialNumber: machine.serial,
        macAddress: machine.mac,
        ipAddress: machine.ip,
        osType: machine.os,
        lastLoginName: machine.user,
        warrantyExpirationDate: `${machine.warrantyUntil}T00:00:00Z`,
        activeFlag: true,
        questions: [{ answerId: 1, questionId: 1, question: "Local admin password", answer: { value: secrets.aws } }],
        _info: { lastUpdated: time(2) },
      },
      60_000 + (machine.id % 1000),
    );
  }
}

const people = [
  ["Ada", "Nguyen", "Office manager"],
  ["Bruno", "O'Brien", "Owner"],
  ["Clara", "Lindqvist", "Reception"],
] as const;

function addContacts({ add, tables }: PsaWorld, companyId: number, domain: string) {
  const company = tables.companies.find(({ id }) => id === companyId);
  for (const [index, [firstName, lastName, title]] of people.entries()) {
    const item = (id: number, communicationType: string, value: string) => ({
      id,
      type: { id, name: communicationType },
      value,
      defaultFlag: true,
      communicationType,
    });
    add(
      "contacts",
      {
        firstName,
        lastName,
        title,
        company: reference(company),
        inactiveFlag: false,
        defaultFlag: index === 0,
        defaultPhoneNbr: `206555${companyId}${index}0`,
        types: [{ id: 7, name: index === 0 ? "Approver" : "End User" }],
        portalPassword: secrets.github,
        communicationItems: [
          item(1, "Email", `${firstName}.${lastName.replace("'", "")}@${domain}`.toLowerCase()),
          item(2, "Phone", `206555${companyId}${index}0`),
        ],
      },
      companyId * 100 + index,
    );
  }
}
