import { acceptedContent, inputRequired, type McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { PNG, text } from "./content.ts";

const user = <Content>(content: Content) => ({ role: "user" as const, content });

export function registerPrompts(server: McpServer) {
  server.registerPrompt("test_simple_prompt", { description: "A simple prompt" }, () => ({
    messages: [user(text("This is a simple prompt for testing."))],
  }));
  server.registerPrompt(
    "test_prompt_with_arguments",
    { description: "A prompt with arguments", argsSchema: z.object({ arg1: z.string(), arg2: z.string() }) },
    ({ arg1, arg2 }) => ({ messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))] }),
  );
  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description: "A prompt with a resource", argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri: uri }) => ({
      messages: [
        user({
          type: "resource" as const,
          resource: { uri, mimeType: "text/plain", text: "Embedded resource content for testing." },
        }),
        user(text("Please process the embedded resource above.")),
      ],
    }),
  );
  server.registerPrompt("test_prompt_with_image", { description: "A prompt with an image" }, () => ({
    messages: [
      user({ type: "image" as const, data: PNG, mimeType: "image/png" }),
      user(text("Please analyze the image above.")),
    ],
  }));
  server.registerPrompt("test_input_required_result_prompt", { description: "A prompt that asks" }, ({ mcpReq }) => {
    const answer = acceptedContent(mcpReq.inputResponses, "user_context", z.object({ context: z.string() }));
    if (answer) return { messages: [user(text(`Context: ${answer.context}`))] };
    return inputRequired({
      inputRequests: {
        user_context: inputRequired.elicit({
          message: "What context should the prompt use?",
          requestedSchema: z.object({ context: z.string() }),
        }),
      },
    });
  });
}
