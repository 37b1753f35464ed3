import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import fp from "fastify-plugin";
import type { Config } from "../config.ts";
import { accentOf } from "./colour.ts";
import { type Frame, type Product, renderWith } from "./render.ts";
import type { Views } from "./views.ts";

/** A file the pages refer to. Its path holds a hash of its bytes, so that browsers may keep it for ever. */
export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/** Name, colours and templates of this installation, read once at start. */
export interface Look {
  readonly assets: readonly Asset[];
  readonly product: Product;
  /** The address of the one script, for pages about passkeys. */
  readonly passkeyScript: string;
  html<View extends keyof Views>(view: View, data: Views[View], frame: Frame): string;
}

declare module "fastify" {
  interface FastifyInstance {
    readonly look: Look;
  }
}

export default fp(async (app) => void app.decorate("look", lookOf(app.config)), {
  name: "look",
  decorators: { fastify: ["config"] },
});

const BUILT_IN_COLOR = "#1d6b58";
/** One stylesheet for every page, in this order: what comes later wins. */
const STYLES = ["base", "frame", "blocks", "forms", "choices", "settings", "product", "admin", "approvals", "screens"];
const LOGO_TYPES: Readonly<Record<string, string>> = { ".svg": "image/svg+xml", ".png": "image/png" };

/** @throws Error when the logo cannot be read or is neither SVG nor PNG */
export function lookOf({ product, demo }: Pick<Config, "product" | "demo">): Look {
  const color = product.color ?? BUILT_IN_COLOR;
  const stylesheet = asset("pages", ".css", "text/css; charset=utf-8", Buffer.from(stylesheetWith(color)));
  const logo = product.logoFile ? logoAsset(product.logoFile) : undefined;
  const icon = logo ?? asset("icon", ".svg", "image/svg+xml", Buffer.from(iconIn(color)));
  const script = asset("passkey", ".js", "text/javascript; charset=utf-8", readFileSync(PASSKEY_SCRIPT));
  const shown: Product = { name: product.name, demo, stylesheet: stylesheet.path, logo: logo?.path, icon: icon.path };
  const render = renderWith(shown);
  const assets = [...new Set([stylesheet, icon]), script];
  return { assets, product: shown, passkeyScript: script.path, html: render };
}

function stylesheetWith(color: string): string {
  const { light, dark } = accentOf(color);
  const variables = ({ accent, on }: { accent: string; on: string }) => `:root{--accent:${accent};--on-accent:${on}}`;
  const styles = STYLES.map((name) => readFileSync(new URL(`./styles/${name}.css`, import.meta.url), "utf8")).join(
    "\n",
  );
  return `${styles}\n${variables(light)}\n@media (prefers-color-scheme:dark){${variables(dark)}}\n`;
}

const PASSKEY_SCRIPT = new URL("./scripts/passkey.ts", import.meta.url);

function iconIn(color: string): string {
  const mark = readFileSync(new URL("./views/parts/mark.hbs", import.meta.url), "utf8");
  return mark.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ').replaceAll("currentColor", color);
}

function logoAsset(file: string): Asset {
  const extension = extname(file).toLowerCase();
  const type = LOGO_TYPES[extension];
  if (!type) throw new Error("PRODUCT_LOGO_FILE must be an .svg or .png file.");
  return asset("logo", extension, type, readFileSync(file));
}

function asset(name: string, extension: string, type: string, bytes: Buffer): Asset {
  const hash = createHash("sha256").update(bytes).digest("base64url").slice(0, 12);
  return { path: `/assets/${name}-${hash}${extension}`, type, bytes };
}
