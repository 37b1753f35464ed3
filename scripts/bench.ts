import { parseArgs } from "node:util";

/**
 * `npm run bench [-- --json] [-- --only tokens,generate]`: every figure of docs/benchmarks.md, in one run on one machine.
 * Serving takes turns of so many `--seconds`, `--rounds` times: on a busy machine many short ones tell more than a few long ones.
 * `-- --against <folder>` compares the serving of this working tree with another one's, `-- --profile` says where its time goes.
 */
const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    against: { type: "string" },
    profile: { type: "boolean", default: false },
    only: { type: "string", default: "tokens,detect,policy,generate,start,audit,keys,serve,replicas,peers,memory" },
    people: { type: "string", default: "10000" },
    seconds: { type: "string", default: "3" },
    rounds: { type: "string" },
  },
});
const only = new Set(values.against || values.profile ? [] : values.only.split(","));
const progress = (line: string) => console.error(line);
const figures: Record<string, unknown> = {};
/** Of serving; each part has its own number where none is given. */
const turns = { seconds: Number(values.seconds), ...(values.rounds && { rounds: Number(values.rounds) }), progress };

if (only.has("tokens")) {
  const { measureTokens } = await import("./bench/tokens.ts");
  const tokens = await measureTokens(progress);
  figures["tokens"] = tokens;
  console.log("\nTokens (o200k) of tools/list, and of results against the vendor answers they replace");
  console.table(
    Object.fromEntries(
      Object.entries(tokens).map(([vendor, { list, extended, tools }]) => {
        const sum = (key: "result" | "raw") => Object.values(tools).reduce((total, tool) => total + tool[key], 0);
        const [results, answers] = [sum("result"), sum("raw")];
        return [vendor, { list, extended, results, answers, ratio: ratio(answers, results) }];
      }),
    ),
  );
  for (const { tools } of Object.values(tokens))
    if (Object.keys(tools).length > 0)
      console.table(
        Object.fromEntries(
          Object.entries(tools).map(([name, { result, raw }]) => [name, { result, raw, ratio: ratio(raw, result) }]),
        ),
      );
}

if (only.has("detect")) {
  const { measureDetecting } = await import("./bench/detect.ts");
  const detect = measureDetecting();
  figures["detect"] = detect;
  console.log("\nDetectors against labelled texts");
  console.table(detect);
}

if (only.has("policy")) {
  const { measureDeciding } = await import("./bench/policy.ts");
  const policy = await measureDeciding(progress);
  figures["policy"] = policy;
  console.log(
    "\nDeciding about a tool with 200 tools and 100 rules, and tools/list with and without limits of customers",
  );
  console.table({ ...policy, ratio: ratio(policy.limited_list_ms, policy.list_ms) });
}

if (only.has("generate")) {
  const { measureGenerating } = await import("./bench/generate.ts");
  const generate = measureGenerating(progress);
  figures["generate"] = generate;
  console.log("\nGenerating all vendors, milliseconds of a whole process, and against openapi-typescript alone");
  console.table(
    Object.fromEntries(
      Object.entries(generate).map(([name, ms]) => [name, { ms, ratio: ratio(ms, generate.openapi_typescript_ms) }]),
    ),
  );
}

if (only.has("audit")) {
  const { measureVerifying } = await import("./bench/audit.ts");
  const verifying = await measureVerifying(progress);
  figures["audit"] = verifying;
  console.log("\nVerifying an audit chain, events a second; the floor reads the rows and makes an HMAC of each");
  console.table(
    Object.fromEntries(
      Object.entries(verifying).map(([name, each]) => [
        name,
        { ...each, ratio: ratio(verifying.floor.cpu_rate, each.cpu_rate) },
      ]),
    ),
  );
}

if (only.has("keys")) {
  const { measureKeys } = await import("./bench/keys.ts");
  const keys = await measureKeys(progress);
  figures["keys"] = keys;
  console.log("\nWrapping and unwrapping a user key, milliseconds; services are local fakes");
  console.table(keys.wrapping);
  console.log("\nRotating the master key over 10,000 user keys, and opening a credential in another process meanwhile");
  console.table(keys.rotating);
}

if (only.has("start")) {
  const { measureStart } = await import("./bench/start.ts");
  const start = await measureStart(progress);
  figures["start"] = start;
  console.log("\nFrom the start of a process with all vendors to its first answers; with and without a compile cache");
  console.table(start);
}

if (only.has("serve")) {
  const { measureServing } = await import("./bench/serve.ts");
  const serve = await measureServing(turns);
  figures["serve"] = serve;
  console.log("\nServing; cpu_ms is the server's process for one request");
  console.table(serve);
}

if (only.has("replicas")) {
  const { measureReplicas, modelOf } = await import("./bench/replicas.ts");
  const { holdingBy } = await import("./bench/hold-back.ts");
  const replicas = await measureReplicas(Number(values.seconds), progress);
  figures["replicas"] = replicas;
  console.log(
    "\nOne replica and two on one PostgreSQL behind a load balancer; all figures but rates and times are of one call",
  );
  if (typeof replicas === "string") console.log(replicas);
  else {
    console.table(replicas.rows);
    console.log(`\nStatements of a call, and in a second without calls; held back by ${holdingBy()}`);
    console.table(replicas.asked);
    console.log("\nWhat replicas with a core each serve at 70 % of it, and what they ask of the database");
    console.table(modelOf(replicas.rows[0]!));
  }
}

if (only.has("peers")) {
  const { measurePeers } = await import("./bench/peers.ts");
  const peers = await measurePeers(Number(values.seconds), progress);
  figures["peers"] = peers;
  console.log("\nBeside other gateways, which ask for no token, keep no record and decide nothing; ten connections");
  if (typeof peers === "string") console.log(peers);
  else console.table(peers);
}

if (only.has("memory")) {
  const { measureMemory } = await import("./bench/memory.ts");
  const memory = await measureMemory(Number(values.people), progress);
  figures["memory"] = memory;
  const { people, ...moments } = memory;
  console.log(`\nMemory of a gateway whom ${people} people called once, MB after collecting`);
  console.table(moments);
}

if (values.against) {
  const { measureAgainst } = await import("./bench/against.ts");
  const against = await measureAgainst(values.against, turns);
  figures["against"] = against;
  console.log(`\nThis working tree against ${values.against}, by turns`);
  console.table(against);
}

if (values.profile) {
  const { profileServing } = await import("./bench/where.ts");
  const profile = await profileServing(Number(values.seconds), progress);
  figures["profile"] = profile;
  for (const [name, { files, functions }] of Object.entries(profile)) {
    console.log(
      `\ntools/${name} at ten connections: percent of the busy time; all of it is in out/bench/tools-${name}.cpuprofile`,
    );
    console.table(files);
    console.table(functions);
  }
}

if (values.json) console.log(JSON.stringify(figures));

function ratio(more: number, less: number): number {
  return Math.round((more / less) * 10) / 10;
}
