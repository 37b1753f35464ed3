import { inSystemScope } from "../../../gateway/database/scope.ts";
import { report } from "../child.ts";
import { addPerson, openHouse } from "./house.ts";

/**
 * One gateway of several on one database, or the one on its own file. The first makes as many people as PEOPLE says, each with an
 * organisation of their own, whom all of them serve; HEADERS tells the others.
 */
const { PUBLIC_URL, DATABASE_URL, DATA_DIR, PORT, PEOPLE = "1", HEADERS } = process.env;
const { app, origins } = await openHouse({ PUBLIC_URL, DATABASE_URL, DATA_DIR, PORT });
const headers: Record<string, string> = HEADERS ? JSON.parse(HEADERS) : {};
if (!HEADERS)
  for (let person = 0; person < Number(PEOPLE); person++)
    headers[`person ${person}`] = (await inSystemScope(() => addPerson(app, "datto-rmm"))).authorization;
const { port } = app.server.address() as { port: number }; // it listens on an address, not on a pipe
report({ url: `http://127.0.0.1:${port}`, headers, origins });
