import { enableCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import type { Question } from "./diagnose.ts";

enableCompileCache();
const { diagnose } = await import("./diagnose.ts");
parentPort?.postMessage(diagnose(workerData as Question));
