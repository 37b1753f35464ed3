import { expect, it } from "vitest";
import { testApp } from "../support.ts";
import { monitor, papers } from "./sample-vendors.ts";

it("shows the product page", async () => {
  const app = await testApp({ vendors: [monitor, papers], lock: {} });
  const answer = await app.inject("/");
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toContain("http://localhost:3100/v1/monitor");
});
