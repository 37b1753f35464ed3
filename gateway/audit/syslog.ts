import { createSocket } from "node:dgram";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { hostname } from "node:os";
import { connect as connectTls } from "node:tls";
import type { AuditEventRow } from "../database/schema.ts";
import type { EventReader } from "./readers.ts";
import { entityOf } from "./sinks.ts";

/**
 * Events as syslog (RFC 5424): one datagram each over UDP, counted octets (RFC 6587) over TCP and TLS. Syslog
 * acknowledges nothing; a batch counts as arrived when its connection took all of it and ended without an error.
 * @param address `udp://`, `tcp://` or `tls://`, host and port
 * @param ca of a private collector, besides those that node trusts
 */
export function syslogReader(address: string, { ca }: { ca?: string } = {}): EventReader {
  const url = new URL(address);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port) || (url.protocol === "tls:" ? 6514 : 514);
  const send = { "udp:": overUdp, "tcp:": overTcp, "tls:": overTls }[url.protocol]!; // the configuration admits no other
  return {
    name: "syslog",
    most: 200,
    deliver: (_org, rows) => send(rows),
  };

  async function overUdp(rows: readonly AuditEventRow[]) {
    const socket = createSocket(isIP(host) === 6 ? "udp6" : "udp4");
    try {
      for (const row of rows)
        await new Promise<void>((done, failed) =>
          socket.send(datagramOf(row), port, host, (error) => (error ? failed(error) : done())),
        );
    } finally {
      socket.close();
    }
  }

  function overTcp(rows: readonly AuditEventRow[]) {
    return stream(connectTcp({ host, port }), rows);
  }

  function overTls(rows: readonly AuditEventRow[]) {
    const servername = isIP(host) ? undefined : host;
    return stream(connectTls({ host, port, servername, ...(ca && { ca }) }), rows);
  }
}

const PATIENCE_MS = 15_000;
/** Some collectors never close; what they took, they took. */
const CLOSE_MS = 2000;

function stream(socket: Socket, rows: readonly AuditEventRow[]): Promise<void> {
  return new Promise((done, failed) => {
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("The syslog collector does not answer.")));
    socket.on("error", failed);
    socket.on("close", (hadError) => (hadError ? undefined : done()));
    socket.on("finish", () => setTimeout(() => socket.destroy(), CLOSE_MS).unref());
    socket.resume();
    socket.end(Buffer.concat(rows.map((row) => counted(lineOf(row)))));
  });
}

const counted = (line: Buffer) => Buffer.concat([Buffer.from(`${line.length} `), line]);

/** What every collector takes in one datagram; a longer event goes without its JSON. */
const LONGEST_DATAGRAM = 8192;

function datagramOf(row: AuditEventRow): Buffer {
  const whole = lineOf(row);
  return whole.length <= LONGEST_DATAGRAM ? whole : lineOf(row, "the whole event is too long for UDP");
}

/** Facility 13, log audit. */
const FACILITY = 13 * 8;
/** The number that IANA keeps for examples: we have none of our own. */
const STRUCTURED = "audit@32473";

/** One message: the event's main facts as structured data, all of it as JSON behind. */
export function lineOf(row: AuditEventRow, message = JSON.stringify(entityOf(row))): Buffer {
  const { level } = entityOf(row);
  const priority = FACILITY + (level === "info" ? 6 : 4);
  const facts = {
    org: row.org_id,
    seq: row.seq,
    status: row.status,
    user: row.actor_id,
    client: row.client,
    vendor: row.vendor,
    tool: row.tool,
    rule: row.rule,
    customer: row.customer,
    request: row.request_id,
    call: row.call_id,
    mac: row.mac,
  };
  const given = Object.entries(facts).filter(([, value]) => value !== null);
  const data = given.map(([name, value]) => ` ${name}="${escaped(String(value))}"`).join("");
  const header = `<${priority}>1 ${new Date(row.at).toISOString()} ${name(hostname())} vendorsmith ${process.pid} ${name(row.type)}`;
  return Buffer.from(`${header} [${STRUCTURED}${data}] ${message}`);
}

const escaped = (text: string) => text.replace(/["\\\]]/g, "\\$&").replace(/\p{Cc}/gu, " ");

/** Printable ASCII without spaces, as header fields are. */
const name = (text: string) => text.replace(/[^\x21-\x7e]/g, "_").slice(0, 32) || "-";
