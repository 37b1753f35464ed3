import axe from "axe-core";
import type { Page } from "playwright-core";

/** Serious and critical findings. */
export async function problemsOn(page: Page): Promise<string[]> {
  const found = await violationsOn(page);
  return found.filter(({ impact }) => impact === "serious" || impact === "critical").map(words);
}

/** Every finding, for pages that have none. */
export const findingsOn = async (page: Page): Promise<string[]> => (await violationsOn(page)).map(words);

/**
 * A click goes on as soon as the next page begins to arrive. On a busy machine its stylesheet comes later, and until then the
 * page has the browser's own colours, which in the dark are not ours.
 */
async function violationsOn(page: Page): Promise<axe.Result[]> {
  await page.waitForLoadState("load");
  await page.evaluate(axe.source);
  return (await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run())).violations;
}

const words = ({ id, nodes }: axe.Result): string =>
  `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(" · ")}`;
