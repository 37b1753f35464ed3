import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { isOpen } from "../../../policy/windows.ts";
import { DAYS } from "../../../policy/words.ts";
import { type Field, field } from "../../fields.ts";
import { line, readForm, several } from "../../form.ts";
import { formToken } from "../../form-token.ts";
import { adminPage } from "../frame.ts";
import { changeByForm, policyPage } from "./change.ts";
import { type Tabs, tabsAt } from "./tabs.ts";

const HERE = "/admin/policy/times";
const ADD = `${HERE}/add`;
const REMOVE = `${HERE}/remove`;
const ZONE = `${HERE}/zone`;

declare module "../../views.ts" {
  interface Views {
    "admin-policy-times": Tabs & {
      open: boolean;
      windows: readonly { id: string; days: string; time: string }[];
      timeZone: string;
      days: readonly { value: number; label: string }[];
      dayError?: string;
      addFields: readonly Field[];
      zoneField: Field;
      actions: { add: string; remove: string; zone: string };
      tokens: { add: string; remove: string; zone: string };
    };
  }
}

type Errors = Partial<Record<"days" | "from" | "to" | "zone", string>>;

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const Window = z.object({ days: several, from: line, to: line });

/** `/admin/policy/times`: when changes may be made. */
export default async function times(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => show(request, reply));

  app.post(ADD, async (request, reply) => {
    const { days: ticked, from, to } = readForm(request, Window);
    const days = [1, 2, 3, 4, 5, 6, 7].filter((day) => ticked.includes(String(day)));
    const errors: Errors = {
      ...(days.length === 0 && { days: "Choose at least one day." }),
      ...(!TIME.test(from) && { from: "A time such as 18:30." }),
      ...(!TIME.test(to) && { to: "A time such as 18:30." }),
      ...(TIME.test(from) && from === to && { to: "The end has to differ from the start." }),
    };
    if (Object.keys(errors).length > 0) return show(request, reply, errors);
    return changeByForm(app, request, reply, {
      action: ADD,
      back: HERE,
      type: "policy.windows",
      change: (document) => ({ ...document, windows: [...document.windows, { days, from, to }] }),
      said: "The window is added.",
    });
  });

  app.post(REMOVE, async (request, reply) => {
    const { window } = readForm(request, z.object({ window: line }));
    return changeByForm(app, request, reply, {
      action: REMOVE,
      back: HERE,
      type: "policy.windows",
      change: (document) => ({
        ...document,
        windows: document.windows.filter(({ days, from, to }) => [days.join(""), from, to].join(" ") !== window),
      }),
      said: "The window is removed.",
    });
  });

  app.post(ZONE, async (request, reply) => {
    const timeZone = readForm(request, z.object({ zone: line })).zone.trim();
    if (!isZone(timeZone)) return show(request, reply, { zone: "No such time zone. One is called Europe/Berlin." });
    return changeByForm(app, request, reply, {
      action: ZONE,
      back: HERE,
      type: "policy.windows",
      change: (document) => ({ ...document, timeZone }),
      said: `Windows are in the time of ${timeZone}.`,
    });
  });

  async function show(request: FastifyRequest, reply: FastifyReply, errors: Errors = {}) {
    const { policy, mayChange } = await policyPage(app, request);
    const { windows, timeZone } = policy.document;
    const typed = readForm(request, Window);
    const token = (action: string) => formToken(app, request, action);
    const data = {
      tabs: tabsAt(HERE),
      mayChange,
      open: isOpen(windows, timeZone, app.clock.now()),
      windows: windows.map(({ days, from, to }) => ({
        days: days.map((day) => DAYS[day - 1]).join(", "),
        time: from < to ? `${from} to ${to}` : `${from} to ${to} the day after`,
        id: [days.join(""), from, to].join(" "),
      })),
      timeZone,
      days: DAYS.map((label, place) => ({ value: place + 1, label })),
      dayError: errors.days,
      addFields: [
        field({ name: "from", label: "From", type: "time", value: typed.from || "08:00", error: errors.from }),
        field({ name: "to", label: "To", type: "time", value: typed.to || "18:00", error: errors.to }),
      ],
      zoneField: field({ name: "zone", label: "Time zone", plain: true, value: timeZone, suggestions: ZONES, error: errors.zone }),
      actions: { add: ADD, remove: REMOVE, zone: ZONE },
      tokens: { add: token(ADD), remove: token(REMOVE), zone: token(ZONE) },
    }; // biome-ignore format: one thought
    const status = Object.keys(errors).length > 0 ? 422 : 200;
    return adminPage(reply, "admin-policy-times", data, { title: "Times for changes", here: "/admin/policy", status });
  }
}

const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone")].map((value) => ({ value, label: value }));

function isZone(timeZone: string): boolean {
  try {
    return timeZone !== "" && Boolean(new Intl.DateTimeFormat("en", { timeZone }));
  } catch {
    return false;
  }
}
