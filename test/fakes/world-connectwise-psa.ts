import { addFinance } from "./connectwise-psa-finance.ts";
import { addPeople, members } from "./connectwise-psa-people.ts";
import { addService } from "./connectwise-psa-service.ts";
import { DAY, type World } from "./world.ts";

/** One record as the vendor answers it: every field it has, null where it has no value. */
export type Row = Record<string, unknown> & { id: number };

export type Table =
  | "companies"
  | "sites"
  | "contacts"
  | "configurations"
  | "members"
  | "boards"
  | "statuses"
  | "types"
  | "priorities"
  | "sources"
  | "tickets"
  | "notes"
  | "tasks"
  | "timeEntries"
  | "workTypes"
  | "workRoles"
  | "scheduleTypes"
  | "scheduleEntries"
  | "agreements"
  | "additions"
  | "invoices"
  | "opportunities"
  | "projects"
  | "phases"
  | "projectTickets";

export interface PsaWorld {
  world: World;
  codebase: string;
  tables: Record<Table, Row[]>;
  /** Which configurations hang on which ticket. */
  attached: Map<number, number[]>;
  add(table: Table, fields: Record<string, unknown>, id?: number): Row;
  /** A moment so many days before now, as the vendor writes it: UTC, whole seconds. */
  time(daysAgo: number): string;
  company(shortName: string): Row;
  find(table: Table, name: string): Row;
}

const tables: Table[] = [
  ..."companies sites contacts configurations members boards statuses types priorities sources tickets notes tasks".split(
    " ",
  ),
  ..."timeEntries workTypes workRoles scheduleTypes scheduleEntries agreements additions invoices opportunities".split(
    " ",
  ),
  ..."projects phases projectTickets".split(" "),
] as Table[];

/** The service desk of the same clients whose machines the RMM watches. */
export function createPsaWorld(world: World, codebase: string): PsaWorld {
  let lastId = 40_000;
  const time = (daysAgo: number) => `${new Date(world.now - daysAgo * DAY).toISOString().slice(0, 19)}Z`;
  const psa: PsaWorld = {
    world,
    codebase,
    attached: new Map(),
    tables: Object.fromEntries(tables.map((name) => [name, []])) as unknown as PsaWorld["tables"],
    time,
    add(table, fields, id = ++lastId) {
      const row: Row = { id, _info: { lastUpdated: time(30), updatedBy: members[0]!.identifier }, ...fields };
      psa.tables[table].push(row);
      return row;
    },
    company: (shortName) => psa.tables.companies.find(({ identifier }) => identifier === shortName)!,
    find: (table, name) => psa.tables[table].find((row) => [row["name"], row["identifier"]].includes(name))!,
  };
  addPeople(psa);
  addService(psa);
  addFinance(psa);
  return psa;
}

/** How one record stands in another. */
export const reference = (row: Row | undefined) =>
  row
    ? {
        id: row.id,
        ...("identifier" in row && { identifier: row["identifier"] }),
        name: row["name"] ?? `${row["firstName"]} ${row["lastName"]}`,
        _info: { href: `https://psa.example/${row.id}` },
      }
    : null;
