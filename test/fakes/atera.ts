import { HttpResponse } from "msw";
import { changes } from "./atera-writes.ts";
import { type Check, createFake, type Fake, type Route, type Visit } from "./fake.ts";
import type { World } from "./world.ts";
import { type AteraWorld, createAteraWorld, iso, technician, toAgent, toDevice } from "./world-atera.ts";

export interface AteraAccount {
  keys: { apiKey: string };
  world: World;
}

export interface AteraFake extends Fake {
  /** By API key. */
  states: ReadonlyMap<string, AteraWorld>;
}

export type Serve = (visit: Visit, atera: AteraWorld, fake: Fake) => Response;

/** Atera as its description of v3 says, over a small world per account. */
export function createAteraFake(accounts: readonly AteraAccount[], check?: Check): AteraFake {
  const states = new Map(accounts.map(({ keys, world }) => [keys.apiKey, createAteraWorld(world)]));
  const routes: Record<string, Route> = {};
  for (const [name, serve] of Object.entries({ ...reads, ...changes })) {
    routes[name] = (visit) => {
      const state = states.get(visit.request.headers.get("x-api-key") ?? "");
      // Missing or wrong, the answer is the same and empty.
      if (!state) return new HttpResponse(null, { status: 401 });
      visit.exchange.account = state.world.msp;
      return serve(visit, state, fake);
    };
  }
  const origin = "https://app.atera.com";
  const made = createFake({ slug: "atera", origin, hosts: ["app.atera.com"], routes, check });
  const fake: AteraFake = Object.assign(made, { states });
  return fake;
}

export const notFound = () => HttpResponse.json({ Message: "Invalid input" }, { status: 404 });

/** The wrapper of every list: 20 a page unless told otherwise, 50 at most. */
function list({ query }: Visit, fake: Fake, all: readonly object[]): Response {
  const page = Math.max(1, Number(query.get("page") ?? 1));
  const itemsInPage = Math.min(50, Number(query.get("itemsInPage") ?? 20), fake.trouble.pageSize ?? 50);
  const totalPages = Math.ceil(all.length / itemsInPage);
  return HttpResponse.json({
    items: all.slice((page - 1) * itemsInPage, page * itemsInPage),
    totalItemCount: all.length,
    page,
    itemsInPage,
    totalPages,
    prevLink: "",
    nextLink: page < totalPages ? `https://evil.example/api/v3?page=${page + 1}` : "",
  });
}

const shown = (found: object | undefined, status = 200) =>
  found ? HttpResponse.json(found as Record<string, unknown>, { status }) : notFound();

const same = (given: string | null, value: unknown) => given === null || given === String(value);

const agentBy = ({ path }: Visit, atera: AteraWorld) =>
  atera.agents.find(({ id, uid }) => String(id) === path["agentId"] || uid === path["deviceGuid"]);

const withoutState = ({ state, ...alert }: AteraWorld["alerts"][number]) => alert;

const devices =
  (kinds: readonly string[], more: (machine: AteraWorld["agents"][number]) => object): Serve =>
  (visit, atera, fake) =>
    list(
      visit,
      fake,
      atera.world.machines
        .filter(({ kind, site }) => kinds.includes(kind) && same(visit.query.get("customerId"), site.company.id))
        .map((machine) => ({ ...toDevice(machine), ...more(machine) })),
    );

const toCustomer = ({ id, name, domain }: World["companies"][number]) => ({
  CustomerID: id,
  CustomerName: name,
  Domain: domain,
  Phone: "+1-206-555-0100",
  City: "Seattle",
  Notes: "Pays on time.",
});

const reads: Record<string, Serve> = {
  "GET /api/v3/account": (_, { world }) => HttpResponse.json({ AccountID: "1", CompanyName: world.msp, Plan: "Pro" }),
  "GET /api/v3/customers": (visit, { world }, fake) => list(visit, fake, world.companies.map(toCustomer)),
  "GET /api/v3/customers/{customerId}": ({ path }, { world }) => {
    const company = world.companies.find(({ id }) => String(id) === path["customerId"]);
    return shown(company && toCustomer(company));
  },
  "GET /api/v3/agents": (visit, atera, fake) => list(visit, fake, atera.agents.map(toAgent)),
  "GET /api/v3/agents/customer/{customerId}": (visit, atera, fake) =>
    list(
      visit,
      fake,
      atera.agents.filter(({ site }) => String(site.company.id) === visit.path["customerId"]).map(toAgent),
    ),
  "GET /api/v3/agents/machine/{machineName}": (visit, atera, fake) =>
    list(visit, fake, atera.agents.filter(({ hostname }) => hostname === visit.path["machineName"]).map(toAgent)),
  "GET /api/v3/agents/{agentId}": (visit, atera) => {
    const agent = agentBy(visit, atera);
    return shown(agent && toAgent(agent));
  },
  "GET /api/v3/agents/{deviceGuid}/available-patches": (visit, atera) => {
    const agent = agentBy(visit, atera);
    const AvailableUpdates = [
      { Name: "2026-11 Cumulative Update", Class: "Security", KBId: "KB5050001", Status: "New" },
    ];
    return shown(agent && { DeviceGuid: agent.uid, Timestamp: iso(atera.world.now), AvailableUpdates });
  },
  "GET /api/v3/agents/{deviceGuid}/installed-patches": (visit, atera) => {
    const agent = agentBy(visit, atera);
    const InstalledUpdates = Array.from({ length: 30 }, (_, index) => ({
      Name: `Update ${index}`,
      Class: "Security",
      KBId: `KB50400${index}`,
      InstallDate: iso(atera.world.now - index * 86_400_000),
    }));
    return shown(agent && { DeviceGuid: agent.uid, Timestamp: iso(atera.world.now), InstalledUpdates });
  },
  "GET /api/v3/alerts": (visit, atera, fake) =>
    list(
      visit,
      fake,
      atera.alerts.filter(({ state }) => same(visit.query.get("alertStatus"), state)).map(withoutState),
    ),
  // As its description says: 201, though nothing is created.
  "GET /api/v3/alerts/{alertId}": ({ path }, { alerts }) => {
    const alert = alerts.find(({ AlertID }) => String(AlertID) === path["alertId"]);
    return shown(alert && withoutState(alert), 201);
  },
  "GET /api/v3/tickets": (visit, { tickets }, fake) =>
    list(
      visit,
      fake,
      tickets.filter(
        ({ CustomerID, TicketStatus }) =>
          same(visit.query.get("customerId"), CustomerID) && same(visit.query.get("ticketStatus"), TicketStatus),
      ),
    ),
  "GET /api/v3/tickets/{ticketId}": ({ path }, { tickets }) =>
    shown(tickets.find(({ TicketID }) => String(TicketID) === path["ticketId"])),
  "GET /api/v3/tickets/{ticketId}/comments": (visit, { comments }, fake) =>
    list(visit, fake, comments.get(Number(visit.path["ticketId"])) ?? []),
  "GET /api/v3/tickets/{ticketId}/workhours": ({ path }) =>
    shown({
      TicketID: Number(path["ticketId"]),
      Billable: { TotalDurationHours: 1.5 },
      NonBillable: { TotalDurationHours: 0.25 },
    }),
  "GET /api/v3/tickets/{ticketId}/workhoursrecords": (visit, { world }, fake) =>
    list(visit, fake, [
      {
        WorkHoursID: 5,
        TicketID: Number(visit.path["ticketId"]),
        StartWorkHour: iso(world.now - 7_200_000),
        EndWorkHour: iso(world.now - 1_800_000),
        Billiable: true,
        Description: "On the phone",
        TechnicianFullName: technician.name,
      },
    ]),
  "GET /api/v3/contacts": (visit, { contacts }, fake) =>
    list(
      visit,
      fake,
      contacts.filter(
        ({ Email, Phone }) =>
          same(visit.query.get("searchOptions.email"), Email) && same(visit.query.get("searchOptions.phone"), Phone),
      ),
    ),
  "GET /api/v3/contacts/{contactId}": ({ path }, { contacts }) =>
    shown(contacts.find(({ EndUserID }) => String(EndUserID) === path["contactId"])),
  "GET /api/v3/contracts/customer/{customerId}": (visit, { world }, fake) =>
    list(visit, fake, [
      {
        ContractID: 77,
        ContractName: "Gold",
        CustomerID: Number(visit.path["customerId"]),
        ContractType: "RetainerFlatFee",
        Active: true,
        EndDate: iso(world.now + 90 * 86_400_000),
      },
    ]),
  "GET /api/v3/devices/httpdevices": devices(["server"], ({ site }) => ({
    URL: `https://www.${site.company.domain}/`,
    URLUp: true,
  })),
  "GET /api/v3/devices/snmpdevices": devices(["printer", "network"], ({ ip, online }) => ({
    Hostname: ip,
    Online: online,
    Community: "community-never-show",
  })),
  "GET /api/v3/devices/tcpdevices": devices(["esxi"], ({ ip }) => ({ Hostname: ip })),
  "GET /api/v3/devices/genericdevices": devices([], () => ({})),
  "GET /api/v3/knowledgebases": (visit, { articles }, fake) => list(visit, fake, articles),
};
