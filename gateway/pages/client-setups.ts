/** How one assistant is told about the connectors: steps in its own words, and texts to copy. */
export interface ClientSetup {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly steps: readonly string[];
  readonly snippets: readonly Snippet[];
  readonly links?: readonly { readonly href: string; readonly label: string }[];
  readonly note?: string;
}

export interface Snippet {
  readonly text: string;
  /** What a screen reader calls it. */
  readonly label: string;
  /** The file it goes into. */
  readonly file?: string;
}

export interface Connector {
  readonly slug: string;
  readonly title: string;
  readonly url: string;
}

/** Every assistant we know how to set up, for these connectors; the addresses are filled in. */
export function clientSetups(connectors: readonly Connector[]): ClientSetup[] {
  return [
    {
      id: "claude",
      title: "Claude Desktop and claude.ai",
      about: "Connector address",
      steps: [
        "Settings → Connectors → Add custom connector.",
        "Paste an address, leave the OAuth fields empty, and choose Add.",
        "Choose Connect, sign in here and allow it.",
      ],
      snippets: addresses(connectors),
      note: "Claude calls from Anthropic's cloud, so the address must be reachable from the internet. On your own machine, use the bridge at the end of this page.",
    },
    {
      id: "claude-code",
      title: "Claude Code",
      about: "One command",
      steps: ["Run the command.", "In a session, open /mcp, choose the server and authenticate."],
      snippets: [
        {
          label: "Commands for Claude Code",
          text: lines(connectors, ({ slug, url }) => `claude mcp add --transport http ${slug} ${url}`),
        },
      ],
    },
    {
      id: "mcp-json",
      title: "A project, for everybody who works on it",
      about: ".mcp.json",
      steps: ["Save this at the top of the project. Each person signs in with their own keys."],
      snippets: [
        {
          file: ".mcp.json",
          label: "Project configuration",
          text: servers(connectors, "mcpServers", ({ url }) => ({ type: "http", url })),
        },
      ],
    },
    {
      id: "vs-code",
      title: "VS Code with Copilot",
      about: ".vscode/mcp.json",
      steps: [
        "Use a button, or save the file in your project.",
        "Agent mode asks to sign in when it starts the server.",
      ],
      snippets: [
        {
          file: ".vscode/mcp.json",
          label: "Configuration for VS Code",
          text: servers(connectors, "servers", ({ url }) => ({ type: "http", url })),
        },
      ],
      links: connectors.map(({ slug, title, url }) => ({
        href: `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name: slug, type: "http", url }))}`,
        label: `Add ${title} to VS Code`,
      })),
    },
    {
      id: "cursor",
      title: "Cursor",
      about: ".cursor/mcp.json",
      steps: [
        "Use a button, or save the file in your project or as ~/.cursor/mcp.json.",
        "Settings → MCP → Needs login.",
      ],
      snippets: [
        {
          file: ".cursor/mcp.json",
          label: "Configuration for Cursor",
          text: servers(connectors, "mcpServers", ({ url }) => ({ url })),
        },
      ],
      links: connectors.map(({ slug, title, url }) => ({
        href: `cursor://anysphere.cursor-deeplink/mcp/install?name=${slug}&config=${encodeURIComponent(base64({ url }))}`,
        label: `Add ${title} to Cursor`,
      })),
    },
    {
      id: "chatgpt",
      title: "ChatGPT",
      about: "Connector address",
      steps: [
        "Settings → Connectors → Advanced → Developer mode.",
        "Create a connector, paste an address and choose OAuth. It registers by itself.",
      ],
      snippets: addresses(connectors),
      note: "ChatGPT calls from its own cloud, so the address must be reachable from the internet.",
    },
    {
      id: "copilot-studio",
      title: "Copilot Studio",
      about: "Connector address",
      steps: [
        "Tools → Add a tool → New tool → Model Context Protocol.",
        "Paste an address and choose OAuth 2.0 with dynamic discovery. Generative orchestration must be on.",
      ],
      snippets: addresses(connectors),
    },
    {
      id: "codex",
      title: "Codex",
      about: "Two commands",
      steps: ["Run both commands; the second opens the browser."],
      snippets: [
        {
          label: "Commands for Codex",
          text: lines(connectors, ({ slug, url }) => `codex mcp add ${slug} --url ${url}\ncodex mcp login ${slug}`),
        },
      ],
    },
    {
      id: "responses-api",
      title: "OpenAI Responses API",
      about: "A tool in the request",
      steps: ["Your program gets an access token with OAuth and sends it along. Tokens last ten minutes."],
      snippets: [
        {
          label: "Tool for the Responses API",
          text: json(
            connectors.map(({ slug, url }) => ({
              type: "mcp",
              server_label: slug.replaceAll("-", "_"),
              server_url: url,
              authorization: "<access token>",
            })),
          ),
        },
      ],
    },
    {
      id: "roo-code",
      title: "Roo Code",
      about: ".roo/mcp.json",
      steps: ["Save the file in your project."],
      snippets: [
        {
          file: ".roo/mcp.json",
          label: "Configuration for Roo Code",
          text: servers(connectors, "mcpServers", ({ url }) => ({ type: "streamable-http", url })),
        },
      ],
      note: "Where this version does not sign in by itself, use the bridge below.",
    },
    {
      id: "bridge",
      title: "Any client that only starts local programs",
      about: "mcp-remote",
      steps: ["The bridge signs in with your browser and speaks to the gateway for the client."],
      snippets: [
        {
          file: "claude_desktop_config.json, for example",
          label: "Configuration with the bridge",
          text: servers(connectors, "mcpServers", ({ url }) => ({
            command: "npx",
            args: ["mcp-remote", url, "--transport", "http-only"],
          })),
        },
      ],
    },
  ];
}

const addresses = (connectors: readonly Connector[]): Snippet[] =>
  connectors.map(({ title, url }) => ({ label: `Connector address for ${title}`, text: url, file: title }));

const lines = (connectors: readonly Connector[], line: (connector: Connector) => string) =>
  connectors.map(line).join("\n");

const servers = (connectors: readonly Connector[], key: string, entry: (connector: Connector) => object) =>
  json({ [key]: Object.fromEntries(connectors.map((connector) => [connector.slug, entry(connector)])) });

const json = (value: unknown) => JSON.stringify(value, null, 2);

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");
