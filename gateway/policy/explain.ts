import {
  ALLOWED,
  type Asked,
  type CallerFacts,
  type Circumstances,
  changesSomething,
  type Decision,
  hide,
  QUESTIONS,
  type ToolFacts,
} from "./decide.ts";
import type { OrgPolicy } from "./policy.ts";
import { ACCESS_WORDS, agentTypeWords, inWords, mayBeTold, type Named } from "./words.ts";

type Name = keyof typeof QUESTIONS;

/** One question of the rule, with its answer. */
export interface ExplainedStep {
  readonly question: string;
  readonly answer: string;
  /** It let the call go on, it ended the matter, or it would have ended it had nothing done so before. */
  readonly said: "passed" | "decided" | "would-stop";
}

export interface Explanation {
  readonly decision: Decision;
  readonly sentence: string;
  readonly steps: readonly ExplainedStep[];
}

/**
 * The rule, thought aloud: the questions of `decide` in their order, each with what it said. It goes on after the decision,
 * so that whoever mends one thing sees what stands in the way next.
 */
export function explain(
  tool: ToolFacts,
  caller: CallerFacts,
  policy: OrgPolicy,
  circumstances: Circumstances,
  named: Named,
): Explanation {
  const { access } = tool;
  if (!access) {
    const decision = hide("unclassified");
    const answer = `Nobody has said whether ${named.tool} reads or changes something, so it is served to nobody.`;
    return { decision, sentence: answer, steps: [{ question: "Is it classified?", answer, said: "decided" }] };
  }
  const asked: Asked = { tool, access, caller, policy, circumstances };
  const say = (one: Decision) => (mayBeTold(one) ? inWords(one, named, policy) : BLUNT[one.rule]!(named));
  let decision: Decision | undefined;
  const steps = (Object.keys(QUESTIONS) as Name[]).map((name): ExplainedStep => {
    const found = QUESTIONS[name](asked);
    const question = WORDS[name].question;
    if (!found) return { question, answer: WORDS[name].passed(asked, named), said: "passed" };
    const said = decision ? "would-stop" : "decided";
    decision ??= found;
    return { question, answer: say(found), said };
  });
  const final = decision ?? ALLOWED;
  return { decision: final, sentence: say(final), steps };
}

/** What callers are not told, in words for whoever looks after the policy. */
const BLUNT: Readonly<Partial<Record<Decision["rule"], (named: Named) => string>>> = {
  "not-in-lock": ({ tool }) =>
    `${tool} differs from what was reviewed, so nobody is served it; the operator of this gateway can mend that.`,
  "other-tenant": () => "The access was given in another organisation.",
  "other-vendor": ({ tool, client }) =>
    `${client} does not reach the vendor of ${tool}: the person has not connected it, or not allowed ${client} to use it.`,
};

interface Words {
  readonly question: string;
  passed(asked: Asked, named: Named): string;
}

const WORDS: Readonly<Record<Name, Words>> = {
  reviewed: {
    question: "Is it what was reviewed?",
    passed: ({ tool }) => `${tool.name} is served as it was reviewed.`,
  },
  tenant: { question: "Is it this organisation?", passed: (_, { organisation }) => `Access given in ${organisation}.` },
  vendor: {
    question: "Does the access reach its vendor?",
    passed: ({ tool, caller }) =>
      `It reaches ${tool.parts.map(({ vendor }) => vendor).filter((vendor, place, all) => caller.reach.has(vendor) && all.indexOf(vendor) === place).join(", ")}.`, // biome-ignore format: one thought
  },
  everywhere: { question: "Has the operator switched it off?", passed: () => "No: it is on for everybody." },
  tool: {
    question: "Is the tool switched off here?",
    passed: (_, { organisation }) => `No: it is on in ${organisation}.`,
  },
  version: {
    question: "Is this version accepted?",
    passed: ({ policy }) =>
      policy.document.accepted ? "Yes: this very version was accepted." : "New versions are taken as they come.",
  },
  client: {
    question: "Is the assistant let in?",
    passed: ({ policy }, { client }) =>
      policy.onlyClients.size > 0 ? `Yes: ${client} is among those let in.` : `Yes: ${client} is not blocked.`,
  },
  role: {
    question: "What may the role do?",
    passed: ({ access, caller }) => `The role ${caller.role} may use tools that ${ACCESS_WORDS[access]}.`,
  },
  extended: {
    question: "Is it an extended tool?",
    passed: ({ tool }) => (tool.extended ? "Yes, and those are on for its vendor." : "No."),
  },
  switch: {
    question: "Has the organisation switched on such tools?",
    passed: ({ access }, { organisation }) =>
      access === "read"
        ? "Reading needs no switch."
        : `${organisation} has switched on tools that ${ACCESS_WORDS[access]}.`,
  },
  lists: {
    question: "What do the lists say?",
    passed: ({ tool, access, caller, policy }) => {
      const names = { tool: tool.name, vendors: tool.parts.map(({ vendor }) => vendor), tags: tool.tags, access };
      const found = policy.permissionFor(names, caller.agentType);
      if (!found) return "Nothing is said of it, and what is not listed is allowed.";
      return `The ${found.what} ${found.name} is allowed${found.agentType === "*" ? "" : ` for ${agentTypeWords(found.agentType)}`}.`;
    },
  },
  class: {
    question: "Does it answer data that is kept from assistants?",
    passed: ({ tool }) => (tool.class ? `No: ${tool.class} data may be shown.` : "No: it is of no hidden class."),
  },
  customers: {
    question: "Is the person limited to some customers?",
    passed: ({ caller }) => (caller.limited ? "Yes, and this tool can be kept to those." : "No: to all customers."),
  },
  window: {
    question: "Is it the time for changes?",
    passed: ({ access, policy }) => {
      if (!changesSomething(access)) return "It changes nothing, so any time will do.";
      return policy.document.windows.length > 0 ? "Yes: a change window is open." : "Changes are possible at any time.";
    },
  },
  scopes: {
    question: "Does the access cover it?",
    passed: (_, { client }) => `What the person granted ${client} covers it.`,
  },
  approval: {
    question: "Does a person have to say yes to each call?",
    passed: () => "No: it may be called without asking.",
  },
};
