import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addIdentity } from "../../../gateway/database/identities.ts";
import { verifyToken } from "../../../gateway/oauth/verifier.ts";
import { type House, ISSUER, openHouse, type Person, RMM } from "./house.ts";

/** An issuer on loopback: a discovery document and its keys. */
async function serveIssuer() {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "k1", alg: "RS256", use: "sig" };
  const state = { keys: [jwk], asked: 0 };
  const server = createServer((request, reply) => {
    state.asked++;
    const document = request.url === "/keys" ? { keys: state.keys } : { issuer, jwks_uri: `${issuer}/keys` };
    reply.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(document));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sign = (claims: JWTPayload, { alg = "RS256", key = privateKey, kid = "k1" } = {}) =>
    new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key);
  return { issuer, state, sign, close: () => server.close() };
}

let elsewhere: Awaited<ReturnType<typeof serveIssuer>>;
let house: House;
let ann: Person;
let connection: string;
beforeAll(async () => {
  elsewhere = await serveIssuer();
  house = await openHouse({ JWT_ISSUER: elsewhere.issuer, JWT_ORG_CLAIM: "org" });
  ann = await house.person("Ann");
  connection = await ann.connect("acme-rmm");
  const row = {
    issuer: elsewhere.issuer,
    subject: "ann",
    user_id: ann.id,
    label: "",
    created_at: 0,
    last_used_at: null,
  };
  await addIdentity(house.app.db, row);
});
afterAll(async () => {
  await house.close();
  elsewhere.close();
});

const claims = (changes: JWTPayload = {}): JWTPayload => ({
  iss: elsewhere.issuer,
  sub: "ann",
  aud: RMM,
  azp: "night-batch",
  scope: "acme-rmm:read other:read",
  exp: Math.floor(Date.now() / 1000) + 300,
  ...changes,
});
const callerWith = async (changes: JWTPayload = {}) => verifyToken(house.app, await elsewhere.sign(claims(changes)));

describe("a JWT of the configured issuer", () => {
  it("is the linked person, with the scopes it names, at the address it is for (OAU-12)", async () => {
    expect(await callerWith()).toMatchObject({
      userId: ann.id,
      orgId: ann.org,
      clientName: "night-batch",
      agentType: "external",
      audience: RMM,
      scopes: new Set(["acme-rmm:read"]),
      rights: new Set(),
      reach: new Map([["acme-rmm", connection]]),
    });
    expect((await callerWith({ scope: undefined, scp: ["acme-rmm:read"] }))?.scopes).toEqual(
      new Set(["acme-rmm:read"]),
    );
    expect((await callerWith({ scope: undefined }))?.scopes).toEqual(new Set());
  });

  it("counts only with its signature, issuer, audience and time, and for who is linked here (OAU-12)", async () => {
    for (const changes of [
      { iss: "https://evil.example" },
      { aud: "https://elsewhere.example" },
      { aud: undefined },
      { exp: Math.floor(Date.now() / 1000) - 60 },
      { exp: undefined },
      { nbf: Math.floor(Date.now() / 1000) + 600 },
      { sub: "stranger" },
      { sub: undefined },
      { org: "org_of_somebody_else" },
    ])
      expect([changes, await callerWith(changes)]).toEqual([changes, undefined]);
    const { privateKey } = await generateKeyPair("RS256");
    expect(await verifyToken(house.app, await elsewhere.sign(claims(), { key: privateKey }))).toBeUndefined();
    expect((await callerWith({ org: ann.org }))?.orgId).toBe(ann.org);
  });

  it("is refused unsigned, or with a signature that is not allowed (OAU-12)", async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const unsigned = `${encode({ alg: "none" })}.${encode(claims())}.`;
    expect(await verifyToken(house.app, unsigned)).toBeUndefined();
    const secret = new TextEncoder().encode(JSON.stringify(elsewhere.state.keys[0]));
    const symmetric = await new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: "k1" }).sign(secret);
    expect(await verifyToken(house.app, symmetric)).toBeUndefined();
    const { privateKey } = await generateKeyPair("ES256");
    expect(
      await verifyToken(house.app, await elsewhere.sign(claims(), { alg: "ES256", key: privateKey })),
    ).toBeUndefined();
  });

  it("ends with the person's membership at the next request (OAU-04)", async () => {
    const memberships = house.app.db.updateTable("memberships").where("user_id", "=", ann.id);
    await memberships.set({ active: 0 }).execute();
    expect(await callerWith()).toBeUndefined();
    await memberships.set({ active: 1 }).execute();
    expect(await callerWith()).toBeDefined();
  });

  it("is none without such an issuer, and its issuer is asked for its keys once", async () => {
    expect(elsewhere.state.asked).toBe(2);
    const plain = await openHouse();
    expect(await verifyToken(plain.app, await elsewhere.sign(claims()))).toBeUndefined();
    await plain.close();
  });

  it("may name the gateway as the operator says, and is then for the address of all vendors (OAU-12)", async () => {
    const own = await openHouse({ JWT_ISSUER: elsewhere.issuer, JWT_AUDIENCE: "api://vendorsmith" });
    const bob = await own.person("Bob");
    const row = {
      issuer: elsewhere.issuer,
      subject: "bob",
      user_id: bob.id,
      label: "",
      created_at: 0,
      last_used_at: null,
    };
    await addIdentity(own.app.db, row);
    const verify = async (aud: string) => verifyToken(own.app, await elsewhere.sign(claims({ sub: "bob", aud })));
    expect(await verify("api://vendorsmith")).toMatchObject({ userId: bob.id, audience: `${ISSUER}/mcp` });
    expect(await verify(RMM)).toBeUndefined();
    await own.close();
  });
});
