import { HttpResponse } from "msw";
import { onComputer, refuse } from "./connectwise-automate-answers.ts";
import type { Serve } from "./connectwise-automate-routes.ts";
import type { Visit } from "./fake.ts";
import { secrets } from "./nasty.ts";
import type { Machine } from "./world.ts";
import { type AutomateWorld, monitors } from "./world-connectwise-automate.ts";

interface ScriptRequest {
  EntityType?: string;
  EntityIds?: number[];
  ScriptId?: number;
  Parameters?: { Key: string; Value: string }[];
  OfflineActionFlags?: { SkipsOfflineAgents?: boolean };
}

const noContent = () => new HttpResponse(null, { status: 204 });

/** What calls may change. Nothing here deletes, but for a program that is uninstalled. */
export const changes: Record<string, Serve> = {
  "POST /api/v1/Computers/{computerId}/MonitorAlertSuspensions": (visit, state) =>
    onComputer(visit, state, ({ id }) => {
      const monitor = monitors.find(({ MonitorId }) => MonitorId === JSON.parse(visit.body));
      if (!monitor) return refuse(404, "Monitor not found");
      const suspension = { Id: state.nextId++, ComputerId: id, MonitorId: monitor.MonitorId };
      state.suspensions.push(suspension);
      return HttpResponse.json({
        Id: suspension.Id,
        ComputerId: id,
        Monitor: { MonitorId: monitor.MonitorId, Name: monitor.Name },
        SuspensionDate: new Date(state.world.now).toISOString(),
      });
    }),

  "POST /api/v1/Batch/ScriptExecute": (visit, state) => {
    const request = JSON.parse(visit.body) as ScriptRequest;
    const script = state.scripts.find(({ Id }) => Number(Id) === request.ScriptId);
    if (request.EntityType !== "Computer") return refuse(400, "EntityType must be Computer");
    if (!script) return refuse(404, `Script ${request.ScriptId} not found`);
    const ScriptResults = (request.EntityIds ?? []).map((EntityId) => {
      const refusal = startScript(state, EntityId, request, script);
      return {
        EntityId,
        ResultDetails: refusal
          ? { ResultStatus: 2, ReasonCode: 7, Message: refusal }
          : { ResultStatus: 0, ReasonCode: 0, Message: null },
      };
    });
    const ContainsUnsuccessfulResults = ScriptResults.some(({ ResultDetails }) => ResultDetails.ResultStatus !== 0);
    return HttpResponse.json({ ScriptResults, ContainsUnsuccessfulResults });
  },

  "POST /api/v1/Computers/{computerId}/CommandExecute": (visit, state) =>
    onComputer(visit, state, (machine) => startCommand(visit, state, machine)),

  "POST /api/v1/PatchActions/DeployAllApproved": (visit, state) => deploy(visit, state, "approved"),
  "POST /api/v1/PatchActions/DeployAllSecurity": (visit, state) => deploy(visit, state, "security"),

  "POST /api/v1/computers/{computerId}/software/{softwareId}/uninstall": (visit, state) =>
    onComputer(visit, state, ({ id }) => {
      const softwareId = Number(visit.path["softwareId"]);
      const { UninstallPath } = JSON.parse(visit.body) as { UninstallPath?: string };
      const index = state.software.findIndex((each) => each.ApplicationId === softwareId && each.ComputerId === id);
      if (index < 0) return refuse(404, `Software ${softwareId} not found`);
      if (UninstallPath !== state.software[index]!.UninstallerPath) return refuse(400, "UninstallPath is not known");
      state.software.splice(index, 1);
      state.uninstalled.push({ computerId: id, softwareId, path: UninstallPath });
      return noContent();
    }),
};

/** Why the script does not run on this computer; nothing when it does. */
function startScript(
  state: AutomateWorld,
  computerId: number,
  request: ScriptRequest,
  script: AutomateWorld["scripts"][number],
): string | undefined {
  const machine = state.managed.find(({ id }) => id === computerId);
  if (!machine) return "The computer does not exist or is not visible to this user";
  if (!machine.online && request.OfflineActionFlags?.SkipsOfflineAgents) return "The agent is offline";
  const given = request.Parameters?.map(({ Key, Value }) => `${Key}=${Value}`).join(" ") ?? "";
  state.scriptRuns.push({
    Id: state.nextId++,
    ScriptId: Number(script.Id),
    ComputerId: computerId,
    Name: script.Name,
    User: "integrator",
    State: "Success",
    HistoryDate: new Date(state.world.now + 1000).toISOString(),
    DiagnosticMessage: script.Id === "5103" ? `TOKEN=${secrets.github}` : `Done. ${given}`.trim(),
    asksLeft: state.asksUntilDone,
  });
  return undefined;
}

function startCommand(visit: Visit, state: AutomateWorld, machine: Machine) {
  const {
    Command,
    Parameters = [],
    ComputerId,
  } = JSON.parse(visit.body) as {
    Command?: { Id?: string };
    Parameters?: string[];
    ComputerId?: number;
  };
  const command = state.commands.find(({ Id }) => Id === Command?.Id);
  if (!command) return refuse(400, "Command is not known");
  if (ComputerId !== machine.id) return refuse(400, "ComputerId does not match the address");
  const run = {
    Id: state.nextId++,
    ComputerId: machine.id,
    Command: { Id: command.Id, Name: command.Name },
    Parameters,
    Output: `${machine.hostname}> ${Parameters.join(" ")}\n${secrets.aws}\n   IPv4 Address: ${machine.ip}`,
    asksLeft: state.asksUntilDone,
  };
  state.commandRuns.push(run);
  return HttpResponse.json({ ...run, asksLeft: undefined, Output: null, Status: "Executing" });
}

function deploy(visit: Visit, state: AutomateWorld, which: "approved" | "security") {
  const { EntityType, EntityId } = JSON.parse(visit.body) as { EntityType?: number; EntityId?: number };
  if (EntityType === undefined || EntityId === undefined) return refuse(400, "EntityType and EntityId are required");
  const known =
    EntityType === 1
      ? state.managed.some(({ id }) => id === EntityId)
      : EntityType === 7 && state.groups.some(({ Id }) => Number(Id) === EntityId);
  if (!known) return refuse(404, "The entity does not exist");
  state.deployed.push({ which, EntityType, EntityId });
  return noContent();
}
