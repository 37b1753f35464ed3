import { setTimeout as pause } from "node:timers/promises";
import {
  type CallToolResult,
  fromJsonSchema,
  inputRequired,
  type McpServer,
  type ServerNotifier,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { PNG, text, WAV } from "./content.ts";

export function registerTools(server: McpServer, notify: ServerNotifier) {
  const answers = (name: string, description: string, content: CallToolResult["content"]) =>
    server.registerTool(name, { description }, () => ({ content }));

  answers("test_simple_text", "Answers text", [text("This is a simple text response for testing.")]);
  answers("test_image_content", "Answers an image", [{ type: "image", data: PNG, mimeType: "image/png" }]);
  answers("test_audio_content", "Answers audio", [{ type: "audio", data: WAV, mimeType: "audio/wav" }]);
  answers("test_embedded_resource", "Answers a resource", [
    {
      type: "resource",
      resource: {
        uri: "test://embedded-resource",
        mimeType: "text/plain",
        text: "This is an embedded resource content.",
      },
    },
  ]);
  answers("test_multiple_content_types", "Answers several kinds", [
    text("Multiple content types test:"),
    { type: "image", data: PNG, mimeType: "image/png" },
    {
      type: "resource",
      resource: {
        uri: "test://mixed-content-resource",
        mimeType: "application/json",
        text: '{"test":"data","value":123}',
      },
    },
  ]);
  server.registerTool("test_error_handling", { description: "Always fails" }, () => {
    throw new Error("This tool intentionally returns an error for testing");
  });

  registerTalking(server);
  registerAsking(server);
  registerRest(server, notify);
}

/** Tools that send notifications while they run. */
function registerTalking(server: McpServer) {
  server.registerTool("test_tool_with_logging", { description: "Logs three lines" }, async ({ mcpReq }) => {
    for (const line of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
      await mcpReq.log("info", line);
      await pause(50);
    }
    return { content: [text("Logged three lines.")] };
  });
  server.registerTool("test_logging_tool", { description: "Logs one line" }, async ({ mcpReq }) => {
    await mcpReq.log("info", "A line for those who asked for it");
    return { content: [text("Logged, if asked for.")] };
  });
  server.registerTool("test_tool_with_progress", { description: "Reports progress" }, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined)
        await mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, total: 100 } });
      await pause(50);
    }
    return { content: [text("Progress was reported.")] };
  });
  server.registerTool("test_streaming_elicitation", { description: "Answers over a stream" }, async ({ mcpReq }) => {
    await mcpReq.log("info", "A first frame");
    return { content: [text("No request was sent on this stream.")] };
  });
}

/** Tools of 2025 that ask the client something while they run; a stateless server cannot, see the baseline file. */
function registerAsking(server: McpServer) {
  const asks = (name: string, properties: Record<string, object>) =>
    server.registerTool(name, { description: "Asks the client" }, async ({ mcpReq }) => {
      const requestedSchema = { type: "object", properties } as never; // the suite's own schemas, wider than the SDK's type
      const { action, content } = await mcpReq.elicitInput({ message: "Please fill this in", requestedSchema });
      return { content: [text(`Elicitation completed: action=${action}, content=${JSON.stringify(content)}`)] };
    });
  asks("test_elicitation_sep1034_defaults", {
    name: { type: "string", default: "John Doe" },
    age: { type: "integer", default: 30 },
    score: { type: "number", default: 95.5 },
    status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
    verified: { type: "boolean", default: true },
  });
  asks("test_elicitation_sep1330_enums", { single: { type: "string", enum: ["option1", "option2", "option3"] } });
  server.registerTool(
    "test_elicitation",
    { description: "Asks the user", inputSchema: z.object({ message: z.string() }) },
    async ({ message }, { mcpReq }) => {
      const properties = { username: { type: "string" as const }, email: { type: "string" as const } };
      const answer = await mcpReq.elicitInput({ message, requestedSchema: { type: "object", properties } });
      return { content: [text(`User response: ${JSON.stringify(answer)}`)] };
    },
  );
  server.registerTool(
    "test_sampling",
    { description: "Asks the model", inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, { mcpReq }) => {
      const messages = [{ role: "user" as const, content: text(prompt) }];
      const answer = await mcpReq.requestSampling({ messages, maxTokens: 100 });
      return { content: [text(`LLM response: ${JSON.stringify(answer.content)}`)] };
    },
  );
}

function registerRest(server: McpServer, notify: ServerNotifier) {
  server.registerTool("test_reconnection", { description: "Answers at once" }, () => ({ content: [text("Done.")] }));
  // Asks for sampling without looking whether the client can: the SDK refuses for it, with the code of the protocol.
  server.registerTool("test_missing_capability", { description: "Needs sampling" }, () =>
    inputRequired({
      inputRequests: {
        sampled: inputRequired.createMessage({
          messages: [{ role: "user", content: text("Say something") }],
          maxTokens: 10,
        }),
      },
    }),
  );
  server.registerTool("test_trigger_tool_change", { description: "Announces changed tools" }, () => {
    notify.toolsChanged();
    return { content: [text("Announced.")] };
  });
  server.registerTool("test_trigger_prompt_change", { description: "Announces changed prompts" }, () => {
    notify.promptsChanged();
    return { content: [text("Announced.")] };
  });
  server.registerTool(
    "test_x_mcp_header",
    {
      description: "Has an argument that is copied to a header",
      inputSchema: fromJsonSchema({
        type: "object",
        properties: { region: { type: "string", ["x-mcp-header" as string]: "Region" } },
      }),
    },
    () => ({ content: [text("Header and argument agree.")] }),
  );
  server.registerTool(
    "json_schema_2020_12_tool",
    { description: "Tool with JSON Schema 2020-12 features", inputSchema: fromJsonSchema(JSON_SCHEMA_2020_12) },
    () => ({ content: [text("Valid.")] }),
  );
}

const JSON_SCHEMA_2020_12 = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: {
    address: {
      $anchor: "addressDef",
      type: "object",
      properties: { street: { type: "string" }, city: { type: "string" } },
    },
  },
  properties: {
    name: { type: "string" },
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: { type: "string" },
    email: { type: "string" },
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
};
