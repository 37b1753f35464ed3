import { createBusiness, day, moment, queues, type Row, resources, roles } from "./autotask-business.ts";
import { oddCharacters, orders, secrets } from "./nasty.ts";
import { DAY, type Kind, type World } from "./world.ts";

export type AutotaskWorld = ReturnType<typeof createAutotaskWorld>;

const HOUR = 3_600_000;

/** The database as Autotask keeps it: what calls change lives here and lasts as long as the fake. */
export function createAutotaskWorld(world: World) {
  const tickets = createTickets(world);
  const devices = createDevices(world);
  const state = {
    world,
    nextId: 900_001,
    tables: {
      Companies: createCompanies(world),
      CompanyLocations: createLocations(world),
      CompanyAlerts: createCompanyAlerts(world),
      Contacts: createContacts(world),
      Tickets: tickets,
      TicketNotes: createNotes(world, tickets),
      TimeEntries: createTimeEntries(world, tickets),
      TicketChecklistItems: createChecklist(tickets),
      TicketAttachments: createAttachments(world, tickets),
      ConfigurationItems: devices,
      ...createBusiness(world),
    } as Record<string, Row[]>,
  };
  return state;
}

const companyId = (world: World, index: number) => Number(world.companies[index]!.autotaskId);

const createCompanies = (world: World) =>
  world.companies.map(
    (company, index): Row => ({
      id: Number(company.autotaskId),
      companyName: company.name,
      companyNumber: company.shortName,
      companyType: 1,
      isActive: true,
      ownerResourceID: resources.maya,
      phone: `206-555-010${index}`,
      webAddress: `https://www.${company.domain}`,
      address1: `${100 + index} Pine Street`,
      postalCode: `9810${index}`,
      city: world.sites.find(({ company: owner }) => owner === company)!.city,
      state: "WA",
      parentCompanyID: null,
      createDate: moment(world.now - 900 * DAY),
    }),
  );

const createLocations = (world: World) =>
  world.sites.map(
    (site, index): Row => ({
      id: 3100 + index,
      companyID: Number(site.company.autotaskId),
      name: site.name,
      address1: `${100 + index} Pine Street`,
      postalCode: `9810${index}`,
      city: site.city,
      phone: `206-555-020${index}`,
      isActive: true,
      isPrimary: world.sites.findIndex(({ company }) => company === site.company) === index,
    }),
  );

const createCompanyAlerts = (world: World): Row[] => [
  {
    id: 41,
    companyID: companyId(world, 0),
    alertTypeID: 1,
    alertText: `Surgery until noon: call the front desk first. ${orders} ${oddCharacters}`,
  },
];

const firstNames = ["Anna", "Ben", "Carla"];

const createContacts = (world: World) =>
  world.companies.flatMap((company, place) =>
    firstNames.map(
      (firstName, index): Row => ({
        id: 30_680_000 + place * 10 + index,
        companyID: Number(company.autotaskId),
        firstName,
        lastName: ["Nguyen", "Ortiz", "Lindqvist"][index],
        title: index === 0 ? "Office manager" : null,
        emailAddress: `${firstName.toLowerCase()}@${company.domain}`,
        phone: `206-555-03${place}${index}`,
        mobilePhone: null,
        isActive: index === 2 ? 0 : 1,
        primaryContact: index === 0,
      }),
    ),
  );

const titles = [
  "Disk almost full on the file server",
  "Printer on the second floor is offline",
  "New laptop for Carla",
  "Outlook asks for a password again and again",
  "VPN drops every hour",
  "Backup failed last night",
];

/** Oldest first, as ids grow; the odd ones out are what triage should find. */
function createTickets(world: World): Row[] {
  return world.companies.flatMap((_, place) =>
    titles.map((title, index): Row => {
      const created = world.now - (40 - place - index * 7) * DAY;
      const isDone = index === 2;
      const isAssigned = index % 2 === 0;
      return {
        id: 43_100 + place * titles.length + index,
        ticketNumber: `T${moment(created).slice(0, 10).replaceAll("-", "")}.000${index + 1}`,
        title,
        description: index === 3 ? `Anna writes: ${orders} Key was ${secrets.aws}.` : `${title}. Reported by phone.`,
        companyID: companyId(world, place),
        contactID: 30_680_000 + place * 10,
        configurationItemID:
          index === 0
            ? 50_001 +
              world.machines.findIndex(
                (each) => each.kind === "server" && Number(each.site.company.autotaskId) === companyId(world, place),
              )
            : null,
        contractID: 60_001 + place,
        status: isDone ? 5 : index === 1 ? 1 : 8,
        priority: 1 + (index % 4),
        queueID: index === 5 ? queues.monitoring : queues.serviceDesk,
        issueType: 10,
        source: 2,
        assignedResourceID: isAssigned ? resources.maya : null,
        assignedResourceRoleID: isAssigned ? roles.helpDesk : null,
        createDate: moment(created),
        dueDateTime: moment(created + (index === 5 ? 20 : 5) * DAY),
        completedDate: isDone ? moment(created + DAY) : null,
        resolution: isDone ? "Delivered." : null,
        rmmAlertID: index === 0 ? `alert-${place}` : null,
      };
    }),
  );
}

const createNotes = (world: World, tickets: readonly Row[]) =>
  tickets.flatMap((ticket, place) =>
    [0, 1, 2].map(
      (index): Row => ({
        id: 29_926_000 + place * 10 + index,
        ticketID: ticket.id,
        title: ["Called back", "Tried again", "Waiting for a part"][index],
        description: index === 0 ? `The customer said: ${orders}${oddCharacters}` : "Nothing new yet.",
        noteType: 3,
        publish: index === 1 ? 1 : 2,
        creatorResourceID: resources.jonas,
        createDateTime: moment(world.now - (30 - index) * HOUR),
      }),
    ),
  );

const createTimeEntries = (world: World, tickets: readonly Row[]) =>
  tickets.flatMap((ticket, place) =>
    [0, 1].map(
      (index): Row => ({
        id: 30_500 + place * 2 + index,
        ticketID: ticket.id,
        taskID: null,
        contractID: ticket["contractID"],
        resourceID: index === 0 ? resources.maya : resources.jonas,
        roleID: roles.helpDesk,
        dateWorked: day(world.now - (10 - (place % 8)) * DAY),
        hoursWorked: 0.5 + index,
        hoursToBill: index,
        summaryNotes: index === 0 ? "Looked at it with the customer." : "Changed the part.",
        internalNotes: null,
        createDateTime: moment(world.now - 9 * DAY),
      }),
    ),
  );

const createChecklist = (tickets: readonly Row[]) =>
  tickets.slice(0, 2).flatMap((ticket): Row[] =>
    ["Back up first", "Tell the front desk"].map((itemName, index) => ({
      id: ticket.id * 10 + index,
      ticketID: ticket.id,
      itemName,
      isCompleted: index === 0,
      isImportant: true,
      position: index,
    })),
  );

const createAttachments = (world: World, tickets: readonly Row[]) =>
  tickets.slice(0, 1).map(
    (ticket): Row => ({
      id: 7001,
      parentID: ticket.id,
      ticketID: ticket.id,
      title: "Screenshot",
      fullPath: "screenshot.png",
      contentType: "image/png",
      fileSize: 48_213,
      attachDate: moment(world.now - DAY),
    }),
  );

const types: Record<Kind, number> = { server: 1, esxi: 1, workstation: 2, laptop: 2, printer: 3, network: 4 };

const createDevices = (world: World) =>
  world.machines.map(
    (machine, index): Row => ({
      id: 50_001 + index,
      companyID: Number(machine.site.company.autotaskId),
      referenceTitle: machine.hostname,
      configurationItemType: types[machine.kind],
      serialNumber: machine.serial,
      isActive: machine.kind !== "network",
      warrantyExpirationDate: `${machine.warrantyUntil}T00:00:00`,
      rmmDeviceUID: machine.uid,
      rmmDeviceID: machine.id,
      rmmDeviceAuditHostname: machine.hostname,
      rmmDeviceAuditOperatingSystem: machine.os,
      rmmDeviceAuditIPAddress: machine.ip,
      rmmDeviceAuditLastUser: machine.user,
      rmmOpenAlertCount: machine.online ? 0 : 1,
    }),
  );
