import { dirname } from "node:path";
import fp from "fastify-plugin";
import { makePrivateFolder } from "../config/secret-file.ts";
import { type Db, openDatabase } from "../database/index.ts";

declare module "fastify" {
  interface FastifyInstance {
    readonly db: Db;
  }
}

export default fp(
  async (app) => {
    const place = app.config.database;
    if (!("url" in place)) makePrivateFolder(dirname(place.file));
    const db = await openDatabase(place);
    app.decorate("db", db);
    app.addHook("onClose", () => db.destroy());
  },
  { name: "database" },
);
