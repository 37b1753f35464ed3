import {
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span as SdkSpan,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-node";
import type { Facts, Span } from "./span.ts";

export interface Traces {
  /** @param parent the `traceparent` header of a request */
  begin(name: string, facts: Facts, parent: unknown): Span;
  /** Sends what is left. */
  close(): Promise<void>;
}

interface Options {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly service: string;
  readonly version: string;
  /** From 0 to 1. */
  readonly share: number;
  /** Hears once when traces cannot be delivered, and once, without an error, when they are again. */
  onTrouble(error: Error | undefined): void;
}

/**
 * Traces as OpenTelemetry makes them, sent in batches. Nothing is registered globally: who has no span of ours in hand adds nothing.
 * This module takes a third of a second to load, so it is imported only where traces are wanted.
 */
export function openTraces({ url, headers, service, version, share, onTrouble }: Options): Traces {
  const ratio = new TraceIdRatioBasedSampler(share);
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: 5000 });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": service, "service.version": version }),
    // A stranger may say that a trace is to be kept; how many are is up to the operator.
    sampler: new ParentBasedSampler({
      root: ratio,
      remoteParentSampled: ratio,
      remoteParentNotSampled: new AlwaysOffSampler(),
    }),
    spanProcessors: [new BatchSpanProcessor(told(exporter, onTrouble), { maxQueueSize: 4096 })],
  });
  const tracer = provider.getTracer("vendorsmith", version);

  const wrap = (span: SdkSpan): Span => {
    const inside = trace.setSpan(ROOT_CONTEXT, span);
    return {
      traceId: span.spanContext().traceId,
      child(name, facts = {}, parent) {
        const given = contextOf(parent);
        const isElsewhere = given && given.traceId !== span.spanContext().traceId;
        const options = { attributes: attributesOf(facts), ...(isElsewhere && { links: [{ context: span.spanContext() }] }) };
        return wrap(tracer.startSpan(name, options, isElsewhere ? within(given) : inside));
      },
      past(name, ms, facts, failed) {
        const now = Date.now();
        const options = { kind: SpanKind.CLIENT, startTime: now - ms, attributes: attributesOf(facts) };
        const part = tracer.startSpan(name, options, inside);
        if (failed) part.setStatus({ code: SpanStatusCode.ERROR });
        part.end(now);
      },
      end(facts = {}, failed = false) {
        span.setAttributes(attributesOf(facts));
        if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  }; // biome-ignore format: one thought

  return {
    begin(name, facts, parent) {
      const given = contextOf(parent);
      const options = { kind: SpanKind.SERVER, attributes: attributesOf(facts) };
      return wrap(tracer.startSpan(name, options, given ? within(given) : ROOT_CONTEXT));
    },
    close: () => provider.shutdown(),
  };
}

const within = (given: SpanContext): Context => trace.setSpanContext(ROOT_CONTEXT, given);

/** What a `traceparent` says (W3C Trace Context), or undefined for anything that is none. */
function contextOf(text: unknown): SpanContext | undefined {
  if (typeof text !== "string" || text.length > 100) return undefined;
  const [, version, traceId = "", spanId = "", flags = "0", more] = PARENT.exec(text) ?? [];
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) return undefined;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

const PARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The names that OpenTelemetry has for these things, where it has some. */
const NAMES: Readonly<Record<keyof Facts, string>> = {
  route: "http.route",
  method: "http.request.method",
  status: "http.response.status_code",
  template: "url.template",
  code: "error.type",
  vendor: "vendorsmith.vendor",
  tool: "vendorsmith.tool",
  access: "vendorsmith.access",
  outcome: "vendorsmith.outcome",
  rule: "vendorsmith.rule",
  bytes: "vendorsmith.bytes",
};

const attributesOf = (facts: Facts) =>
  Object.fromEntries(Object.entries(NAMES).map(([key, name]) => [name, facts[key as keyof Facts]]));

function told(exporter: SpanExporter, onTrouble: Options["onTrouble"]): SpanExporter {
  let troubled = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.code !== 0;
        if (failed !== troubled) onTrouble(failed ? (result.error ?? new Error("The collector refused.")) : undefined);
        troubled = failed;
        done(result);
      }),
    forceFlush: async () => await exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
