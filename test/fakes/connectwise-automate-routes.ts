import { HttpResponse } from "msw";
import { list, onComputer, refuse } from "./connectwise-automate-answers.ts";
import { changes } from "./connectwise-automate-changes.ts";
import type { Visit } from "./fake.ts";
import {
  type AutomateWorld,
  type CommandRun,
  patchingOf,
  policiesOf,
  type ScriptRun,
  systemOf,
} from "./world-connectwise-automate.ts";

export type Serve = (visit: Visit, state: AutomateWorld) => Response;

type Rows = readonly Record<string, unknown>[];

const listed =
  (rows: (state: AutomateWorld) => Rows): Serve =>
  (visit, state) =>
    list(visit, rows(state));

const ofComputer =
  (rows: (state: AutomateWorld, computerId: number) => Rows): Serve =>
  (visit, state) =>
    onComputer(visit, state, ({ id }) => list(visit, rows(state, id)));

/** Paths under /cwa, in the vendor's own spelling. */
export const documented: Record<string, Serve> = {
  "GET /api/v1/DatabaseServerTime": (_visit, state) => HttpResponse.json(new Date(state.world.now).toISOString()),
  "GET /api/v1/Computers": listed(({ computers }) => computers),
  "GET /api/v1/Computers/{computerId}": ({ path }, { computers }) => {
    const found = computers.find(({ Id }) => Id === path["computerId"]);
    return found ? HttpResponse.json(found) : refuse(404, `Computer ${path["computerId"]} not found`);
  },
  "GET /api/v1/Computers/Software": listed(({ software }) => software),
  "GET /api/v1/Clients": listed(({ clients }) => clients),
  "GET /api/v1/Locations": listed(({ locations }) => locations),
  "GET /api/v1/Alerts": listed(({ alerts }) => alerts),
  "GET /api/v1/Scripts": listed(({ scripts }) => scripts),
  "GET /api/v1/Commands": listed(({ commands }) => commands),
  "GET /api/v1/Groups": listed(({ groups }) => groups),
  "GET /api/v1/GroupComputers": listed(({ groupComputers }) => groupComputers),
  "GET /api/v1/NetworkDevices": listed(({ networkDevices }) => networkDevices),
  "GET /api/v1/PatchHistory": listed(({ patches }) => patches),
  "GET /api/v1/Computers/{computerId}/OperatingSystem": (visit, state) =>
    onComputer(visit, state, (machine) => HttpResponse.json(systemOf(machine))),
  "GET /api/v1/Computers/{computerId}/PatchingStats": (visit, state) =>
    onComputer(visit, state, (machine) => HttpResponse.json(patchingOf(machine, state.world.now))),
  "GET /api/v1/Computers/{computerId}/EffectivePatchingPolicy": (visit, state) =>
    onComputer(visit, state, (machine) => HttpResponse.json(policiesOf(machine))),
  "GET /api/v1/Computers/{computerId}/Alerts": ofComputer(({ alerts }, computerId) =>
    alerts.filter(({ Computer }) => Computer.Id === computerId),
  ),
  "GET /api/v1/Computers/{computerId}/Software": ofComputer(({ software }, computerId) =>
    software.filter(({ ComputerId }) => ComputerId === computerId),
  ),
  "GET /api/v1/Computers/{computerId}/RunningScripts": ofComputer(({ scriptRuns }, computerId) =>
    scriptRuns.filter((run) => run.ComputerId === computerId && run.asksLeft > 0).map(toRunning),
  ),
  "GET /api/v1/Computers/{computerId}/ScriptHistory": ofComputer(({ scriptRuns }, computerId) =>
    scriptRuns.filter((run) => run.ComputerId === computerId).map(toHistory),
  ),
  "GET /api/v1/Computers/{computerId}/CommandExecute": ofComputer(({ commandRuns }, computerId) =>
    commandRuns.filter((run) => run.ComputerId === computerId).map(toCommandRun),
  ),
  ...changes,
};

const toRunning = ({ Id, ScriptId, ComputerId, Name, HistoryDate }: ScriptRun) => ({
  Id,
  ScriptId,
  ComputerId,
  Name,
  Status: "Running",
  StartDate: HistoryDate,
});

/** Each time it is asked for, a run comes closer to its end. */
function toHistory(run: ScriptRun) {
  const { asksLeft, ...row } = run;
  const isDone = asksLeft === 0;
  if (!isDone) run.asksLeft--;
  return isDone
    ? { ...row, Status: "Completed" }
    : { ...row, Status: "Running", State: "Information", DiagnosticMessage: null };
}

function toCommandRun(run: CommandRun) {
  const { asksLeft, ...row } = run;
  const isDone = asksLeft === 0;
  if (!isDone) run.asksLeft--;
  return { ...row, Output: isDone ? row.Output : null, Status: isDone ? "Success" : "Executing" };
}
