import {
  acceptedContent,
  type CallToolResult,
  type InputRequiredResult,
  inputRequired,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { capabilitiesOf } from "../../gateway/mcp/capabilities.ts";
import { text } from "./content.ts";

type Answer = CallToolResult | InputRequiredResult | Promise<CallToolResult | InputRequiredResult>;

const done = (words: string): CallToolResult => ({ content: [text(words)] });
const ask = (message: string, field: string) =>
  inputRequired.elicit({ message, requestedSchema: z.object({ [field]: z.string() }) });
const sample = (prompt: string) =>
  inputRequired.createMessage({ messages: [{ role: "user", content: text(prompt) }], maxTokens: 50 });

/** Tools of 2026 that answer with a question first and are called again with the answer. */
export function registerInputRequired(server: McpServer, codec: RequestStateCodec<{ round: number }>) {
  const tool = (name: string, run: (context: ServerContext) => Answer) =>
    server.registerTool(`test_input_required_result_${name}`, { description: "Asks first" }, run);

  tool("elicitation", ({ mcpReq }) => {
    const answer = acceptedContent(mcpReq.inputResponses, "user_name", z.object({ name: z.string() }));
    if (answer) return done(`Hello, ${answer.name}!`);
    return inputRequired({ inputRequests: { user_name: ask("What is your name?", "name") } });
  });
  tool("sampling", ({ mcpReq }) => {
    if (mcpReq.inputResponses?.["capital_question"]) return done("The model has answered.");
    return inputRequired({ inputRequests: { capital_question: sample("What is the capital of France?") } });
  });
  tool("list_roots", ({ mcpReq }) => {
    if (mcpReq.inputResponses?.["client_roots"]) return done("The roots are known.");
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  });
  tool("request_state", async (context) => {
    const { mcpReq } = context;
    if (mcpReq.inputResponses?.["confirm"] && mcpReq.requestState()) return done("state-ok");
    return inputRequired({
      inputRequests: {
        confirm: inputRequired.elicit({ message: "Please confirm", requestedSchema: z.object({ ok: z.boolean() }) }),
      },
      requestState: await codec.mint({ round: 1 }, context),
    });
  });
  tool("multiple_inputs", async (context) => {
    const keys = Object.keys(context.mcpReq.inputResponses ?? {});
    if (["user_name", "greeting", "client_roots"].every((key) => keys.includes(key))) return done("All answered.");
    return inputRequired({
      inputRequests: {
        user_name: ask("What is your name?", "name"),
        greeting: sample("Generate a greeting"),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await codec.mint({ round: 1 }, context),
    });
  });
  tool("multi_round", async (context) => {
    const { inputResponses, requestState } = context.mcpReq;
    const { round } = requestState<{ round: number }>() ?? { round: 0 };
    if (round === 2 && inputResponses?.["step2"]) return done("Both steps are done.");
    const next = round === 1 && inputResponses?.["step1"] ? 2 : 1;
    const question =
      next === 1 ? ask("Step 1: What is your name?", "name") : ask("Step 2: What is your favorite color?", "color");
    return inputRequired({
      inputRequests: { [`step${next}`]: question },
      requestState: await codec.mint({ round: next }, context),
    });
  });
  tool("tampered_state", async (context) => {
    if (context.mcpReq.requestState()) return done("The state is untouched.");
    return inputRequired({
      inputRequests: { confirm: ask("Please confirm", "ok") },
      requestState: await codec.mint({ round: 1 }, context),
    });
  });
  tool("capabilities", (context) => {
    const capabilities = capabilitiesOf(context);
    return inputRequired({
      inputRequests: {
        ...(capabilities?.sampling && { sampled: sample("Say something") }),
        ...(capabilities?.elicitation && { asked: ask("What is your name?", "name") }),
      },
    });
  });
}
