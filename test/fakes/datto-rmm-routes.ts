import { HttpResponse } from "msw";
import { activityLog } from "./datto-rmm-activity.ts";
import { alerts, atJob, atSite, error, like, matches, onDevice, page, withStatus } from "./datto-rmm-answers.ts";
import { patchesOf, sitePatchesOf, softwareOf, toAudit, toJob, toJobResults, toOutput } from "./datto-rmm-audits.ts";
import type { Fake, Visit } from "./fake.ts";
import { type Machine, uuid } from "./world.ts";
import { classOf, type DattoWorld, type Job, statusOf, toDevice, toSite } from "./world-datto-rmm.ts";

type Serve = (visit: Visit, state: DattoWorld, fake: Fake) => Response | Promise<Response>;

/** The operations of the account, site, device, audit, alert, job and activity groups that tools use. */
export const documented: Record<string, Serve> = {
  "GET /v2/account": (_visit, state) =>
    HttpResponse.json({
      id: 5001,
      name: state.world.msp,
      uid: state.accountUid,
      currency: "USD",
      descriptor: { bilingEmail: "billing@bluepeak-it.example", deviceLimit: 500, timeZone: "America/Los_Angeles" },
      devicesStatus: {
        ...statusOf(state.world.machines),
        numberOfOnDemandDevices: 0,
        numberOfManagedDevices: state.world.machines.length,
      },
    }),
  "GET /v2/account/sites": (visit, state, fake) =>
    page(
      visit,
      fake,
      "sites",
      state.world.sites
        .filter((site) => like(site.name, visit.query.get("siteName")))
        .map((site) => toSite(site, state)),
    ),
  "GET /v2/account/devices": (visit, state, fake) =>
    page(
      visit,
      fake,
      "devices",
      state.world.machines
        .filter((machine) => matches(machine, visit.query))
        .map((machine) => toDevice(machine, state)),
    ),
  "GET /v2/account/components": (visit, state, fake) => page(visit, fake, "components", state.components),
  "GET /v2/account/alerts/open": (visit, state, fake) => alerts(visit, state, fake, false, () => true),
  "GET /v2/account/alerts/resolved": (visit, state, fake) => alerts(visit, state, fake, true, () => true),
  "GET /v2/site/{siteUid}": (visit, state) => atSite(visit, state, (site) => HttpResponse.json(toSite(site, state))),
  "GET /v2/site/{siteUid}/settings": (visit, state) =>
    atSite(visit, state, (site) => {
      const { description, proxySettings } = toSite(site, state);
      return HttpResponse.json({
        generalSettings: { name: site.name, uid: site.uid, description, onDemand: false },
        proxySettings,
        mailRecipients: [
          {
            name: "Service desk",
            email: "desk@bluepeak-it.example",
            type: "default",
            receives: 1,
            receivesNewDevices: true,
            receivesAlerts: true,
            receivesReports: false,
          },
        ],
      });
    }),
  "GET /v2/site/{siteUid}/devices": (visit, state, fake) =>
    atSite(visit, state, (site) =>
      page(
        visit,
        fake,
        "devices",
        state.world.machines
          .filter((machine) => machine.site === site)
          .filter((machine) => matches(machine, visit.query))
          .map((machine) => toDevice(machine, state)),
      ),
    ),
  "GET /v2/site/{siteUid}/alerts/open": (visit, state, fake) =>
    atSite(visit, state, (site) => alerts(visit, state, fake, false, (source) => source.siteUid === site.uid)),
  "GET /v2/site/{siteUid}/alerts/resolved": (visit, state, fake) =>
    atSite(visit, state, (site) => alerts(visit, state, fake, true, (source) => source.siteUid === site.uid)),
  "GET /v2/site/{siteUid}/patches": (visit, state, fake) =>
    atSite(visit, state, (site) =>
      page(
        visit,
        fake,
        "patches",
        withStatus(visit, sitePatchesOf(state.world.machines.filter((machine) => machine.site === site))),
      ),
    ),
  "GET /v2/device/{deviceUid}": (visit, state) =>
    onDevice(visit, state, (machine) => HttpResponse.json(toDevice(machine, state))),
  "GET /v2/device/id/{deviceId}": (visit, state) => {
    const machine = state.world.machines.find(({ id }) => String(id) === visit.path["deviceId"]);
    return machine ? HttpResponse.json(toDevice(machine, state)) : error(visit, 404, "Not Found");
  },
  "GET /v2/device/macAddress/{macAddress}": (visit, state) => {
    const plain = (mac: string) => mac.replace(/[^0-9a-f]/gi, "").toUpperCase();
    return HttpResponse.json(
      state.world.machines
        .filter(({ mac }) => plain(mac) === plain(visit.path["macAddress"]!))
        .map((machine) => toDevice(machine, state)),
    );
  },
  "GET /v2/device/{deviceUid}/alerts/open": (visit, state, fake) =>
    onDevice(visit, state, (machine) =>
      alerts(visit, state, fake, false, (source) => source.deviceUid === machine.uid),
    ),
  "GET /v2/device/{deviceUid}/alerts/resolved": (visit, state, fake) =>
    onDevice(visit, state, (machine) => alerts(visit, state, fake, true, (source) => source.deviceUid === machine.uid)),
  "GET /v2/device/{deviceUid}/patches": (visit, state, fake) =>
    onDevice(visit, state, (machine) =>
      page(visit, fake, "patches", withStatus(visit, classOf(machine) === "device" ? patchesOf(machine) : [])),
    ),
  "GET /v2/audit/device/{deviceUid}": (visit, state) => audit(visit, state, "device"),
  "GET /v2/audit/printer/{deviceUid}": (visit, state) => audit(visit, state, "printer"),
  "GET /v2/audit/esxihost/{deviceUid}": (visit, state) => audit(visit, state, "esxihost"),
  "GET /v2/audit/device/{deviceUid}/software": (visit, state, fake) =>
    onDevice(visit, state, (machine) =>
      classOf(machine) === "device"
        ? page(visit, fake, "software", softwareOf(machine))
        : error(visit, 400, `Device ${machine.uid} is not of class device`),
    ),
  "GET /v2/alert/{alertUid}": (visit, state) => {
    const alert = state.alerts.find(({ alertUid }) => alertUid === visit.path["alertUid"]);
    // The document knows no 404 here: an alert one may not see, or that is not there, is forbidden.
    return alert ? HttpResponse.json(alert) : error(visit, 403, "Forbidden");
  },
  "POST /v2/alert/{alertUid}/resolve": (visit, state) => {
    const alert = state.alerts.find(({ alertUid }) => alertUid === visit.path["alertUid"]);
    if (!alert) return error(visit, 403, "Forbidden");
    if (!alert.resolved)
      Object.assign(alert, {
        resolved: true,
        resolvedBy: "api-user",
        resolvedOn: new Date(state.world.now).toISOString(),
      });
    return new HttpResponse(null, { status: 200 });
  },
  "PUT /v2/device/{deviceUid}/quickjob": (visit, state) =>
    onDevice(visit, state, (machine) => startJob(visit, state, machine)),
  "GET /v2/job/{jobUid}": (visit, state) =>
    atJob(visit, state, (job) => {
      job.polls++;
      return HttpResponse.json(toJob(job, state));
    }),
  "GET /v2/job/{jobUid}/components": (visit, state, fake) =>
    atJob(visit, state, (job) =>
      page(visit, fake, "jobComponents", [
        { uid: job.component.uid, name: job.component.name, variables: job.variables },
      ]),
    ),
  "GET /v2/job/{jobUid}/results/{deviceUid}": (visit, state) =>
    atJob(visit, state, (job) => HttpResponse.json(toJobResults(job, state.world, state))),
  "GET /v2/job/{jobUid}/results/{deviceUid}/stdout": (visit, state) =>
    atJob(visit, state, (job) => HttpResponse.json(toOutput(job, state))),
  "GET /v2/job/{jobUid}/results/{deviceUid}/stderr": (visit, state) => atJob(visit, state, () => HttpResponse.json([])),
  "POST /v2/device/{deviceUid}/udf": (visit, state) =>
    onDevice(visit, state, (machine) => {
      state.udf.set(machine.uid, {
        ...state.udf.get(machine.uid),
        ...(JSON.parse(visit.body) as Record<string, string>),
      });
      return new HttpResponse(null, { status: 200 });
    }),
  "POST /v2/device/{deviceUid}/warranty": (visit, state) =>
    onDevice(visit, state, (machine) => {
      const { warrantyDate } = JSON.parse(visit.body) as { warrantyDate?: string };
      if (warrantyDate && Number.isNaN(Date.parse(warrantyDate)))
        return error(visit, 400, "warrantyDate must look like 2027-01-31");
      machine.warrantyUntil = warrantyDate ?? "";
      return new HttpResponse(null, { status: 200 });
    }),
  "GET /v2/activity-logs": activityLog,
};

const audit = (visit: Visit, state: DattoWorld, expected: string) =>
  onDevice(visit, state, (machine) =>
    classOf(machine) === expected
      ? HttpResponse.json(toAudit(machine, state))
      : error(visit, 400, `Device ${machine.uid} is not of class ${expected}`),
  );

function startJob(visit: Visit, state: DattoWorld, machine: Machine) {
  const { jobName, jobComponent } = JSON.parse(visit.body) as {
    jobName: string;
    jobComponent: { componentUid?: string; variables?: Job["variables"] };
  };
  const component = state.components.find(({ uid }) => uid === jobComponent.componentUid);
  if (!component) return error(visit, 400, "jobComponent.componentUid names no component of this account");
  const id = state.nextId++;
  const job: Job = {
    id,
    uid: uuid(`job ${id}`),
    name: jobName,
    dateCreated: new Date(state.world.now).toISOString(),
    machine,
    component,
    variables: jobComponent.variables ?? [],
    polls: 0,
  };
  state.jobs.set(job.uid, job);
  return HttpResponse.json({
    job: toJob(job, state),
    jobComponents: [{ uid: component.uid, name: component.name, variables: job.variables }],
  });
}
