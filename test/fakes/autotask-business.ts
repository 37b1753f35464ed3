import { DAY, type World } from "./world.ts";

export type Row = { id: number } & Record<string, unknown>;

export const resources = { maya: 29_682_885, jonas: 29_682_886, api: 29_682_940 } as const;
export const roles = { helpDesk: 29_683_586, engineer: 29_683_587, projects: 29_683_588 } as const;
export const queues = { monitoring: 8, serviceDesk: 29_682_833, second: 29_682_969 } as const;

/** UTC, and it does not say so. */
export const moment = (ms: number) => new Date(ms).toISOString().slice(0, -1);
export const day = (ms: number) => `${moment(ms).slice(0, 10)}T00:00:00`;

/** People, agreements, projects and money: what a database holds besides its tickets. */
export const createBusiness = (world: World): Record<string, Row[]> => ({
  ...createContracts(world),
  ...createPeople(world),
  ...createProjects(world),
  ...createQuotes(world),
  ...createInvoices(world),
});

function createContracts(world: World) {
  const Services: Row[] = ["Managed workstation", "Managed server", "Backup"].map((name, index) => ({
    id: 31 + index,
    name,
    unitPrice: 40 + index * 60,
    isActive: true,
  }));
  const Contracts = world.companies.flatMap((company, index): Row[] => [
    contract(60_001 + index, "Block of hours", 4, company.autotaskId, 1),
    contract(60_101 + index, "Managed services", 7, company.autotaskId, index === 3 ? 0 : 1),
  ]);
  function contract(id: number, contractName: string, contractType: number, owner: string, status: number): Row {
    return {
      id,
      contractName,
      contractNumber: `C-${id}`,
      companyID: Number(owner),
      contractType,
      status,
      startDate: day(world.now - 200 * DAY),
      endDate: day(world.now + 165 * DAY),
    };
  }
  const ContractServices = Contracts.filter((each) => each["contractType"] === 7).flatMap(({ id }): Row[] =>
    Services.map((service, index) => ({
      id: id * 10 + index,
      contractID: id,
      serviceID: service.id,
      invoiceDescription: `${service["name"]}, a month`,
      unitPrice: service["unitPrice"],
    })),
  );
  const ContractBlocks = Contracts.filter((each) => each["contractType"] === 4).flatMap(({ id }): Row[] =>
    [0, 1].map((index) => ({
      id: id * 10 + index,
      contractID: id,
      startDate: day(world.now - (200 - index * 100) * DAY),
      endDate: day(world.now - (101 - index * 200) * DAY),
      hours: 20,
      hoursApproved: index === 0 ? 20 : 6.5,
      hourlyRate: 120,
      status: 1,
    })),
  );
  return { Services, Contracts, ContractServices, ContractBlocks };
}

function createPeople({ msp }: World) {
  const domain = msp === "Bluepeak IT" ? "bluepeak.example" : "harborfinch.example";
  const mark = msp === "Bluepeak IT" ? "" : " (H&F)";
  const Resources: Row[] = [
    { id: resources.maya, firstName: "Maya", lastName: `Rivera${mark}`, email: `maya@${domain}`, title: "Technician" },
    { id: resources.jonas, firstName: "Jonas", lastName: `Berg${mark}`, email: `jonas@${domain}`, title: "Engineer" },
    { id: resources.api, firstName: "Vendor", lastName: "Smith", email: `api@${domain}`, title: null },
  ].map((each) => ({ ...each, isActive: true, userName: each.email }));
  const Roles: Row[] = [
    { id: roles.helpDesk, name: "Help Desk Technician" },
    { id: roles.engineer, name: "Network Engineer" },
    { id: roles.projects, name: "Project Manager" },
  ].map((each) => ({ ...each, isActive: true }));
  const held = (id: number, resourceID: number, roleID: number): Row => ({
    id,
    resourceID,
    roleID,
    queueID: queues.serviceDesk,
    departmentID: null,
    isActive: true,
  });
  const ResourceRoles = [
    held(1, resources.maya, roles.helpDesk),
    held(2, resources.jonas, roles.engineer),
    held(3, resources.jonas, roles.helpDesk),
  ];
  return { Resources, Roles, ResourceRoles };
}

function createProjects(world: World) {
  const Projects = world.companies.slice(0, 2).map(
    (company, index): Row => ({
      id: 5501 + index,
      projectNumber: `P20261001.000${index + 1}`,
      projectName: ["Move to Microsoft 365", "New office"][index],
      companyID: Number(company.autotaskId),
      status: 9,
      projectLeadResourceID: resources.jonas,
      completedPercentage: 40,
      endDateTime: moment(world.now + 30 * DAY),
    }),
  );
  const Tasks = Projects.flatMap(({ id }): Row[] =>
    ["Inventory", "Migrate mailboxes", "Train people"].map((title, index) => ({
      id: id * 10 + index,
      projectID: id,
      title,
      status: index === 0 ? 5 : 1,
      assignedResourceID: index === 1 ? resources.maya : null,
      remainingHours: 4 * index,
      endDateTime: moment(world.now + index * 7 * DAY),
    })),
  );
  const Phases = Projects.map(
    ({ id }): Row => ({ id: id * 10, projectID: id, title: "Preparation", startDate: moment(world.now - 10 * DAY) }),
  );
  return { Projects, Tasks, Phases };
}

function createQuotes(world: World) {
  const Quotes = world.companies.slice(0, 2).map(
    (company, index): Row => ({
      id: 6501 + index,
      quoteNumber: index + 1,
      name: "New laptops",
      companyID: Number(company.autotaskId),
      opportunityID: 6401 + index,
      isActive: true,
    }),
  );
  const QuoteItems = Quotes.map(
    ({ id }): Row => ({ id: id * 10, quoteID: id, name: "Laptop", quantity: 3, unitPrice: 900, isOptional: false }),
  );
  return { Quotes, QuoteItems };
}

function createInvoices(world: World) {
  const Invoices = world.companies.flatMap((company, place): Row[] =>
    [0, 1].map((index) => ({
      id: 8001 + place * 2 + index,
      invoiceNumber: `INV-${2001 + place * 2 + index}`,
      companyID: Number(company.autotaskId),
      invoiceDateTime: moment(world.now - (60 - index * 30) * DAY),
      dueDate: day(world.now - (46 - index * 30) * DAY),
      paidDate: index === 0 ? day(world.now - 40 * DAY) : null,
      invoiceTotal: 1200 + place * 100 + index,
      isVoided: false,
    })),
  );
  const BillingItems = Invoices.map(
    (invoice): Row => ({
      id: invoice.id * 10,
      invoiceID: invoice.id,
      companyID: invoice["companyID"],
      itemName: "Managed services",
      description: "A month of managed services",
      quantity: 1,
      rate: invoice["invoiceTotal"],
      totalAmount: invoice["invoiceTotal"],
    }),
  );
  return { Invoices, BillingItems };
}
