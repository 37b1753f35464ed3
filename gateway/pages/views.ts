import type { PolicyChange } from "../policy/changes.ts";
import type { LinkedWay } from "./account-sso.ts";
import type { ClientSetup } from "./client-setups.ts";
import type { Field } from "./fields.ts";
import type { Way } from "./sso.ts";

/** What each template is given. Templates print and decide nothing, so every text and every state is ready here. */
export interface Views {
  home: {
    signedIn: boolean;
    /** The address of all vendors. */
    all: string;
    vendors: readonly (VendorTile & { counts: string; url: string })[];
  };
  login: {
    action: string;
    fields: readonly Field[];
    problem?: string;
    /** Other ways to sign in than with a password. */
    ways: readonly Way[];
    /** Where to go afterwards: a path of ours. */
    next?: string;
    steps?: readonly Step[];
    client?: string;
    vendor?: string;
    cancel?: string;
  };
  setup: { action: string; fields: readonly Field[]; problem?: string };
  connect: {
    action: string;
    heading: string;
    intro: string;
    fields: readonly Field[];
    /** `register`: the redirect address, for a vendor where people sign in themselves. */
    vendor: VendorTile & { help: string; rights?: string; register?: string };
    problem?: string;
    token?: string;
    link?: string;
    steps?: readonly Step[];
    back?: string;
    cancel?: string;
  };
  consent: {
    action: string;
    cancel: string;
    switchAccount: string;
    client: { name: string; initials: string; host?: string };
    /** What it is about: a vendor's title, or several. */
    what: string;
    initials: string;
    /** Host, or scheme of an application, that gets the answer. */
    redirect: string;
    loopback: boolean;
    organisation: string;
    email: string;
    /** What holds for every vendor, when there are several. */
    note?: string;
    vendors: readonly (VendorTile & {
      heading: string;
      several: boolean;
      account?: string;
      /** The account is called something else than the vendor. */
      named?: boolean;
      /** Name of the field that the accounts are choices of. */
      field?: string;
      accounts?: readonly { id: string; label: string; detail?: string; selected: boolean }[];
      scopes: readonly { scope: string; words: string; note?: string; optional: boolean; ticked: boolean }[];
    })[];
    steps?: readonly Step[];
  };
  /** Which of all vendors to connect, between signing in and allowing. */
  choose: {
    heading: string;
    intro: string;
    vendors: readonly (VendorTile & {
      counts: string;
      href: string;
      label: string;
      primary: boolean;
      state?: State;
    })[];
    /** Where to go on, once something is connected. */
    next?: string;
    cancel: string;
    steps?: readonly Step[];
  };
  message: {
    heading: string;
    text: string;
    detail?: string;
    actions?: readonly { href: string; label: string; primary?: boolean }[];
    post?: { action: string; label: string };
  };
  confirm: {
    heading: string;
    consequences: readonly string[];
    /** What would be different in a policy. */
    changes?: readonly PolicyChange[];
    action: string;
    token: string;
    hidden: readonly { name: string; value: string }[];
    fields: readonly Field[];
    button: string;
    /** Nothing is taken away or made looser. */
    harmless?: boolean;
    back: string;
    problem?: string;
  };
  settings: SettingsPage & {
    organisation: string;
    /** To which customers the person is limited, in a sentence. */
    limited?: string;
    usage: readonly { label: string; value: string }[];
    connections: readonly (VendorTile & { state: State; label: string; used: string; error?: string })[];
    apps: readonly {
      id: string;
      name: string;
      initials: string;
      origin: string;
      vendor: string;
      may: string;
      since: string;
      used: string;
      token: string;
    }[];
    writes: {
      title: string;
      kind: State["kind"];
      state: string;
      text: string;
      form?: { token: string; value: string; label: string };
    };
    person: { name: string; email: string };
  };
  vendors: SettingsPage & {
    note?: string;
    vendors: readonly (VendorTile & {
      counts: string;
      extended?: {
        kind: State["kind"];
        state: string;
        text: string;
        form?: { token: string; value: string; label: string };
      };
      add: string;
      connections: readonly {
        id: string;
        vendor: string;
        label: string;
        detail: string;
        /** The vendor takes it no more: the way to mend it is shown first. */
        refused: boolean;
        default: boolean;
        state: State;
        used: string;
        ok: string;
        error: string;
        entered: { label: string; text: string };
        expires: string;
        /** The person signed in at the vendor; `ended` when nothing works until they do so again. */
        signIn?: { token: string; ended: boolean };
        tokens: { test: string };
      }[];
      /** What the organisation shares with the person; others look after it. */
      shared: readonly { label: string; state: State; about: string }[];
    })[];
  };
  clients: SettingsPage & {
    vendors: readonly { title: string; url: string }[];
    clients: readonly ClientSetup[];
  };
  account: SettingsPage & {
    person: { name: string; email: string };
    organisation: string;
    role: string;
    hasPassword: boolean;
    fields: readonly Field[];
    providers: readonly LinkedWay[];
    tokens: { password: string; export: string };
  };
  signOut: { host: string; formHtml: string };
}

/** Values that are shown when they are made and never again. */
export interface SecretOnce {
  heading: string;
  text: string;
  values: readonly { label: string; value: string }[];
  back: string;
}

export interface VendorTile {
  slug: string;
  title: string;
  initials: string;
}

export interface State {
  kind: "good" | "warn" | "bad" | "";
  text: string;
}

export interface Step {
  label: string;
  current: boolean;
}

interface SettingsPage {
  nav: readonly { href: string; label: string; current: boolean }[];
}
