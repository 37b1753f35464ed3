import { expect, it } from "vitest";
import { body, headerAuth, Secret, ToolError, vendorHttp } from "../../runtime/index.ts";
import { fakeFetch, json, type Paths, status, transport } from "./fake.ts";

const refusal = { paths: ["errors.*", "message"], under: [200, 500] };

async function refused(method: "GET" | "POST", answer: Response): Promise<ToolError> {
  const { fetch } = fakeFetch(answer);
  const auth = headerAuth({ "x-api-key": new Secret("k3y-0123456789abcdef") });
  const http = vendorHttp<Paths>(
    { vendor: "Acme", baseUrl: "https://api.acme.example/v1", auth, refusal },
    transport(fetch),
  );
  const asked = method === "GET" ? http.GET("/items") : http.POST("/items", { body: {} });
  const error = await body(asked as Promise<{ data?: unknown }>).then(
    (value) => value,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ToolError);
  return error as ToolError;
}

it("takes words under a declared 5xx for a refusal of the input (VEN-25)", async () => {
  const error = await refused("GET", status(500, { errors: ["Title is missing.", "Status is unknown."] }));
  expect(error).toMatchObject({ code: "VENDOR_REJECTED", status: 500 });
  expect(error.vendorSaid).toBe("Title is missing.; Status is unknown.");
});

it("takes a 5xx without words for what it is (VEN-25)", async () => {
  expect(await refused("GET", status(500, { errors: [] }))).toMatchObject({ code: "VENDOR_UNAVAILABLE" });
  expect(await refused("GET", status(502, { errors: ["Upstream."] }))).toMatchObject({ code: "VENDOR_UNAVAILABLE" });
});

it("takes words under 200 for a refusal where the vendor does that (VEN-25)", async () => {
  const error = await refused("GET", json({ items: [], errors: ["Unknown field."] }));
  expect(error).toMatchObject({ code: "VENDOR_REJECTED", vendorSaid: "Unknown field." });
  expect(error.message).not.toContain("look before repeating");
});

it("does not call a write undone that was refused in a doubtful way (VEN-25)", async () => {
  for (const answer of [status(500, { errors: ["No."] }), json({ errors: ["No."] })]) {
    const error = await refused("POST", answer);
    expect(error.code).toBe("VENDOR_REJECTED");
    expect(error.message).toContain("look before repeating");
  }
});

it("reads the first path that says something", async () => {
  expect(await refused("GET", status(400, { message: "Too long." }))).toMatchObject({ vendorSaid: "Too long." });
  expect(await refused("GET", status(400, { errors: ["A."], message: "B." }))).toMatchObject({ vendorSaid: "A." });
});
