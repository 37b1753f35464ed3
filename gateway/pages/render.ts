import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type Handlebars from "handlebars";
import type { SignedIn } from "../identity/sessions.ts";
import { looksAfterAnything } from "../policy/roles.ts";
import { formToken } from "./form-token.ts";
import type { Views } from "./views.ts";

/** What every page knows of this installation. */
export interface Product {
  readonly name: string;
  /** True labels every page as a simulation. */
  readonly demo: boolean;
  readonly stylesheet: string;
  readonly icon: string;
  readonly logo?: string;
}

/** What surrounds a page's own content. */
export interface Frame {
  readonly title: string;
  /** One card in the middle, for pages with a single task. */
  readonly narrow?: boolean;
  /** `admin`: there is something for them under `/admin`. `waiting`: how many calls wait for an answer. */
  readonly user?: {
    readonly email: string;
    readonly admin?: boolean;
    readonly organisation?: Switcher;
    readonly waiting?: number;
  };
  /** The navigation of the organisation's pages; their content stands beside it. */
  readonly admin?: AdminFrame;
  /** Offer to sign in, where nobody is signed in and the page is not about that. */
  readonly signIn?: boolean;
  readonly notice?: Notice;
  /** Address of the page's script; its headers have to allow it. */
  readonly script?: string;
}

/** Where the person is, and where else they could be. */
interface Switcher {
  readonly name: string;
  readonly token: string;
  /** Every organisation of theirs; undefined when there is one. */
  readonly choices?: readonly { readonly id: string; readonly name: string; readonly current: boolean }[];
  /** The page to see again there. */
  readonly next: string;
}

export interface AdminFrame {
  readonly organisation: string;
  readonly role: string;
  readonly nav: readonly { readonly label: string; readonly entries: readonly NavEntry[] }[];
}

interface NavEntry {
  readonly href: string;
  readonly label: string;
  readonly current: boolean;
}

/** What the step before came to, said once on the page that follows. */
export interface Notice {
  readonly kind: "good" | "warn" | "bad";
  readonly text: string;
}

export type Render = <View extends keyof Views>(view: View, data: Views[View], frame: Frame) => string;

/** Answers with a page. Who is signed in and what there is to tell come from the request. */
export function page<View extends keyof Views>(
  reply: FastifyReply,
  view: View,
  data: Views[View],
  { status = 200, ...frame }: Frame & { status?: number },
): FastifyReply {
  const { request, server } = reply;
  const user = request.signedIn && {
    ...headerOf(server, request, request.signedIn),
    waiting: request.waiting,
  };
  const html = server.look.html(view, data, { user, notice: request.notice, ...frame });
  return reply.code(status).type("text/html; charset=utf-8").send(html);
}

function headerOf(app: FastifyInstance, request: FastifyRequest, { user, session, orgs }: SignedIn) {
  const { orgId, role } = session;
  const choices = orgs.map(({ id, name }) => ({ id, name, current: id === orgId }));
  const organisation = {
    name: choices.find(({ current }) => current)?.name ?? "",
    token: formToken(app, request, "switch-organisation"),
    choices: choices.length > 1 ? choices : undefined,
    next: request.method === "GET" && PAGE_OF_ITS_OWN.test(request.url) ? request.url : "",
  };
  return { email: user.email, admin: looksAfterAnything(role), organisation };
}

/** Whatever else an address names belongs to one organisation. */
const PAGE_OF_ITS_OWN = /^\/(settings|admin)(\/[a-z]+)?$/;

const VIEWS = new URL("./views/", import.meta.url);
const PARTS = new URL("./views/parts/", import.meta.url);

/**
 * Loads the library and reads every template for the first page, and compiles each for the first page that shows it: none of them
 * is needed for a call, and all together were more than a tenth of a start. A test compiles them all, so that a broken one stops
 * there and not a person. Text is escaped; only the layout takes markup, and that is what the view's own template made.
 */
export function renderWith(product: Product): Render {
  let views: ReturnType<typeof readViews> | undefined;
  return (view, data, frame) => {
    views ??= readViews();
    const body = views.get(view)!({ ...data, product });
    return views.get("layout")!({ ...frame, product, body });
  };
}

function readViews() {
  const handlebars = (createRequire(import.meta.url)("handlebars") as typeof Handlebars).create(); // at once, as a page is made
  const options = { knownHelpersOnly: true, preventIndent: true };
  for (const [name, text] of templatesIn(PARTS)) handlebars.registerPartial(name, handlebars.compile(text, options));
  return new Map(templatesIn(VIEWS).map(([name, text]) => [name, handlebars.compile(text, options)]));
}

/** Every template that a page can be made of, by name. */
export const viewNames = (): string[] => templatesIn(VIEWS).map(([name]) => name);

const templatesIn = (folder: URL): [string, string][] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".hbs"))
    .sort()
    .map((file) => [file.replace(".hbs", ""), readFileSync(new URL(file, folder), "utf8")]);
