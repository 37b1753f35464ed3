import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/generator/cases/**"],
    setupFiles: ["test/setup/network.ts"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    reporters: ["default", "./test/setup/requirements-reporter.ts"],
  },
});
