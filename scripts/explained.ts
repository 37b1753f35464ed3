import { ConfigError } from "../gateway/config.ts";
import { DatabaseProblem } from "../gateway/database/postgres-server.ts";

/** Of what an operator can mend only the sentence is shown, and no stack. @returns the exit code */
export async function explained<Code>(work: () => Promise<Code>): Promise<Code | 2> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof DatabaseProblem)) throw error;
    console.error(error.message);
    return 2;
  }
}
