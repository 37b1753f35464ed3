import fc from "fast-check";
import { expect, it } from "vitest";
import { accentOf, contrast } from "../../../gateway/pages/colour.ts";

const hex = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, "0")}`);

it("makes any product colour legible as text and as a button, light and dark (UI-09)", () => {
  fc.assert(
    fc.property(hex, (color) => {
      const { light, dark } = accentOf(color);
      for (const surface of ["#ffffff", "#f7f7f4", "#f3f3f0"])
        expect(contrast(light.accent, surface)).toBeGreaterThan(4.5);
      for (const surface of ["#121416", "#191c1f", "#1e2226"])
        expect(contrast(dark.accent, surface)).toBeGreaterThan(4.5);
      for (const { accent, on } of [light, dark]) expect(contrast(accent, on)).toBeGreaterThan(4.5);
    }),
  );
});

it("keeps a colour that is legible already", () => expect(accentOf("#1d6b58").light.accent).toBe("#1d6b58"));

it("lightens a dark colour without turning it grey", () => {
  const { accent } = accentOf("#1d6b58").dark;
  expect(accent).toMatch(/^#2[0-9a-f]a/);
});
