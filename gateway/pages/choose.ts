import type { Vendor } from "../../runtime/index.ts";
import { type Connection, isShared } from "../connections/connections.ts";
import type { Pending } from "../oauth/interactions.ts";
import { stepsAt } from "./consent.ts";
import type { Views } from "./views.ts";
import { stateOf, tileOf, toolCounts } from "./words.ts";

/** Every vendor with whether it is connected; the person goes on as soon as one is. */
export function chooseView(
  { uid }: Pending,
  vendors: ReadonlyMap<string, Vendor>,
  connections: readonly Connection[],
): Views["choose"] {
  const started = connections.some(({ status }) => status === "active");
  return {
    heading: started ? "Connect more, or continue" : "Connect your vendors",
    intro: started
      ? "Your assistant gets the tools of every vendor you connect. You can add more later in settings."
      : "Enter the keys of each system you work with. One is enough to begin.",
    vendors: [...vendors.values()].map((vendor) => {
      const own = connections.filter((connection) => connection.vendor === vendor.slug);
      const replaceable = own.some((connection) => !isShared(connection));
      const shown = own.find(({ status }) => status === "active") ?? own[0];
      return {
        ...tileOf(vendor),
        counts: toolCounts(vendor),
        href: `/interaction/${uid}?vendor=${vendor.slug}`,
        label: replaceable ? "Replace" : shown ? "Connect your own" : "Connect",
        primary: !shown && !started,
        state: shown && stateOf(shown),
      };
    }),
    next: started ? `/interaction/${uid}/connected` : undefined,
    cancel: `/interaction/${uid}/abort`,
    steps: stepsAt("connect"),
  };
}
