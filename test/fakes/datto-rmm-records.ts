import { oddCharacters, orders, secrets } from "./nasty.ts";
import { type Machine, uuid, type World } from "./world.ts";

const HOUR = 3_600_000;

const priorities = ["Critical", "High", "Moderate", "Low", "Information"] as const;

export function createAlerts(world: World) {
  const machine = (hostname: string) => world.machines.find((each) => each.hostname === hostname)!;
  let count = 0;
  const alert = (
    on: Machine,
    priority: (typeof priorities)[number],
    hoursAgo: number,
    diagnostics: string,
    alertContext: Record<string, unknown>,
  ) => {
    count++;
    return {
      alertUid: uuid(`alert ${count}`),
      priority: priority as string,
      diagnostics,
      resolved: false,
      resolvedBy: null as string | null,
      resolvedOn: null as string | null,
      muted: false,
      ticketNumber: priority === "Critical" ? `T20261${String(count).padStart(3, "0")}.0001` : null,
      // The document says date-time; live accounts send epoch milliseconds.
      timestamp: world.now - Math.round(hoursAgo * HOUR),
      alertMonitorInfo: { sendsEmails: priority === "Critical", createsTicket: priority === "Critical" },
      alertContext,
      alertSourceInfo: { deviceUid: on.uid, deviceName: on.hostname, siteUid: on.site.uid, siteName: on.site.name },
      responseActions:
        priority === "Critical"
          ? [
              {
                actionTime: new Date(world.now - Math.round(hoursAgo * HOUR)).toISOString(),
                actionType: "EMAIL_SENT",
                description: "Mail to the service desk",
                actionReference: null,
                actionReferenceInt: null,
              },
            ]
          : [],
      autoresolveMins: 0,
    };
  };
  const disk = (name: string, total: number, free: number) => ({
    "@class": "perf_disk_usage_ctx",
    diskName: name,
    totalVolume: total,
    freeSpace: free,
    unitOfMeasure: "PERCENT",
    diskNameDesignation: "SINGLE_VOLUME",
  });
  const open = [
    alert(machine("CONT-TAC-DC02"), "Critical", 72, "", { "@class": "online_offline_status_ctx", status: "OFFLINE" }),
    alert(machine("NWL-HQ-DMS01"), "Critical", 70, "", { "@class": "online_offline_status_ctx", status: "OFFLINE" }),
    alert(machine("CONT-SEA-FS01"), "Critical", 3, "", disk("D:", 1_862, 41)),
    alert(machine("FAB-HO-SQL01"), "High", 9, "", {
      "@class": "perf_resource_usage_ctx",
      processName: "sqlservr.exe",
      sample: 96.4,
      type: "MEMORY",
    }),
    alert(machine("FAB-HO-ERP01"), "High", 26, "", {
      "@class": "eventlog_ctx",
      logName: "Application",
      code: "1000",
      type: "Error",
      source: "Application Error",
      description: "Faulting application name: erp-service.exe",
      triggerCount: 4,
      lastTriggered: new Date(world.now - 26 * HOUR).toISOString(),
      causedSuspension: false,
    }),
    alert(machine("CONT-SEA-WS01"), "Moderate", 5, "", {
      "@class": "antivirus_ctx",
      status: "RUNNINGNOTUPTODATE",
      productName: "Windows Defender Antivirus",
    }),
    alert(machine("ADV-CL-SRV01"), "Moderate", 30, "", {
      "@class": "patch_ctx",
      patchUid: uuid("patch 2"),
      policyUid: uuid("policy 1"),
      result: "FAILURE",
      info: "0x80070643",
    }),
    alert(
      machine("CONT-SEA-WS07"),
      "Low",
      1,
      `Backup script said: ${orders}\nkey=${secrets.aws} token=${secrets.github} ${oddCharacters}`,
      { "@class": "comp_script_ctx", samples: { Result: `failed; ${secrets.aws}` } },
    ),
  ];
  for (const each of world.machines) {
    if (each.dice("alert") < 0.25 && each.kind !== "printer") {
      open.push(
        alert(
          each,
          priorities[2 + Math.floor(each.dice("priority") * 3)]!,
          1 + each.dice("raised") * 200,
          "",
          disk("C:", 476, Math.round(10 + each.dice("disk") * 30)),
        ),
      );
    }
  }
  const resolved = world.machines
    .filter((each) => each.dice("resolved alert") < 0.3)
    .map((each) => {
      const hours = 200 + each.dice("resolved at") * 500;
      return Object.assign(alert(each, "Moderate", hours, "", disk("C:", 476, 22)), {
        resolved: true,
        resolvedBy: "m.rivera",
        resolvedOn: new Date(world.now - Math.round((hours - 4) * HOUR)).toISOString(),
      });
    });
  for (const each of open.slice(-2)) each.muted = true;
  return [...open, ...resolved];
}

export function createComponents() {
  const component = (
    index: number,
    name: string,
    description: string,
    variables: { name: string; type: string; defaultVal: string; description: string }[] = [],
  ) => ({
    id: 3_001 + index,
    credentialsRequired: false,
    uid: uuid(`component ${index}`),
    name,
    description,
    categoryCode: "scripts",
    variables: variables.map((variable, variablesIdx) => ({ ...variable, direction: true, variablesIdx })),
  });
  return [
    component(0, "Clear print spooler [WIN]", "Stops the spooler, empties the queue, starts it again."),
    component(1, "Restart a service [WIN]", "Restarts one Windows service.", [
      { name: "serviceName", type: "string", defaultVal: "Spooler", description: "Short name of the service" },
    ]),
    component(2, "Free disk space [WIN]", "Removes temporary files and old update packages.", [
      { name: "olderThanDays", type: "string", defaultVal: "14", description: "Age of files to remove" },
    ]),
    component(3, "Collect diagnostics [WIN]", "Gathers event logs and system information."),
    component(4, "Schedule a reboot [WIN]", "Reboots at the next quiet hour.", [
      { name: "hour", type: "string", defaultVal: "02", description: "Hour of the day" },
    ]),
    component(5, "Update agent [MAC]", "Brings the agent up to date."),
  ];
}

export function createActivities(world: World) {
  const user = { id: 77, userName: "m.rivera", firstName: "Maya", lastName: "Rivera" };
  return world.machines.slice(0, 40).flatMap((machine, index) =>
    ["job.deployment", "device.note"].map((kind, position) => {
      const [category, action] = kind.split(".") as [string, string];
      return {
        id: uuid(`activity ${index} ${kind}`),
        entity: "DEVICE",
        category,
        action,
        // Seconds with a fraction, as the document's pattern says.
        date: (world.now - (index * 2 + position) * 7 * 60_000) / 1000,
        site: { id: machine.site.id, name: machine.site.name },
        deviceId: machine.id,
        hostname: machine.hostname,
        user,
        details: position === 0 ? `Quick job on ${machine.hostname}` : `Note on ${machine.hostname}`,
        hasStdOut: position === 0,
        hasStdErr: false,
      };
    }),
  );
}
