import { VaultError } from "../../gateway/vault/errors.ts";
import { type KeyFinding, verifyKeys } from "../../gateway/vault/verify.ts";
import { withKeys } from "./open.ts";

/** Opens what is stored without showing it. @returns 1 when something would be lost */
export async function verify(options: { sample?: string }): Promise<number | undefined> {
  const sample = options.sample === undefined ? undefined : Number(options.sample);
  if (sample !== undefined && !(sample >= 1)) return undefined;
  return await withKeys(async (house) => {
    try {
      const { findings, ...counts } = await verifyKeys(house, { sample, onProgress: progress() });
      console.log(
        `Looked at ${counts.userKeys} user keys, ${counts.credentials} credentials and ${counts.boxes} boxes.`,
      );
      for (const finding of findings.slice(0, MOST)) console.log(`  ${wordsOf(finding)}`);
      if (findings.length > MOST) console.log(`  and ${findings.length - MOST} more.`);
      console.log(findings.length === 0 ? "All of them open with these keys." : REMEDY);
      return findings.length === 0 ? 0 : 1;
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      console.error(`${error.message} Nothing can be said before it answers.`);
      return 3;
    }
  });
}

const MOST = 50;

const REMEDY = `What is listed would be lost, or was changed.
UNKNOWN_KID: put that key back into VAULT_KEYS. WRONG_KEY: the row or the key is not the one it was; restore the row from a backup of the same time, or let its person connect anew.
NO_USER_KEY: the owner was erased; nothing opens it. OLDER_THAN_RECORDED: an old row was put back; look who could write to the database, and replace the credential at the vendor.`;

const wordsOf = ({ what, org, id, problem }: KeyFinding) => `${problem}: ${what} ${id}${org ? ` of ${org}` : ""}`;

function progress() {
  let next = Date.now() + 2000;
  return (done: number) => {
    if (Date.now() < next) return;
    next = Date.now() + 2000;
    console.error(`${done} user keys so far`);
  };
}
