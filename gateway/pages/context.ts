import type { MemberOrg } from "../identity/orgs.ts";
import type { Pending } from "../oauth/interactions.ts";
import { stepsAt } from "./consent.ts";
import type { Step, Views } from "./views.ts";
import { articled } from "./words.ts";

declare module "./views.ts" {
  interface Views {
    /** In which of several organisations an app may act. */
    context: {
      client: string;
      action: string;
      cancel: string;
      orgs: readonly { id: string; name: string; about: string; selected: boolean; disabled: boolean }[];
      /** None of them lets the person use tools. */
      none: boolean;
      steps: readonly Step[];
    };
  }
}

type Choice = MemberOrg & { readonly usesTools: boolean };

/** The organisation that the browser is in comes first to mind, if something can come of it. */
export function contextView({ uid, client }: Pending, orgs: readonly Choice[], here: string): Views["context"] {
  const possible = orgs.filter((org) => org.usesTools);
  const preset = possible.find(({ id }) => id === here) ?? possible[0];
  return {
    client: client.name,
    action: `/interaction/${uid}/context`,
    cancel: `/interaction/${uid}/abort`,
    orgs: orgs.map(({ id, name, role, personal_of, usesTools }) => ({
      id,
      name,
      about: usesTools
        ? personal_of
          ? "Yours alone"
          : `You are ${articled(role)}`
        : `You are ${articled(role)}: this role does not use tools`,
      selected: id === preset?.id,
      disabled: !usesTools,
    })),
    none: possible.length === 0,
    steps: stepsAt("context"),
  };
}

/** Said before anything is connected or allowed, because nothing could come of it. */
export const noTools = ({ uid, orgName, role, client }: Pending): Views["message"] => ({
  heading: "Your role does not use tools",
  text: `In ${orgName} you are ${role}. “${client.name}” could do nothing there for you. Ask an owner or administrator for another role, then start again from the app.`,
  post: { action: `/interaction/${uid}/abort`, label: "Go back to the app" },
});
