const SECRET_NAMES = new Set([
  ...["password", "secret", "token", "apiKey", "apiSecret", "authorization", "cookie", "set-cookie", "credential"],
  ...["credentials", "access_token", "refresh_token", "id_token", "client_secret", "code_verifier", "assertion"],
  ...["arguments", "args"],
]);

/** Authorization codes are secret where requests carry them; elsewhere `code` names an error. */
const BEARS_CODE = new Set(["body", "query"]);

const DEEPEST = 4;

/**
 * What is logged, with `[secret]` in place of values whose names say they are one. Nothing here is ever logged on purpose;
 * this is for the day somebody logs a whole object. (pino's own paths with wildcards cost fifty times as much a line.)
 */
export function withoutSecrets<Value>(value: Value, inside = "", depth = 0): Value {
  if (typeof value !== "object" || value === null || value instanceof Error || depth > DEEPEST) return value;
  let copy: Record<string, unknown> | undefined;
  for (const [name, each] of Object.entries(value)) {
    const isSecret = SECRET_NAMES.has(name) || (name === "code" && BEARS_CODE.has(inside));
    const shown = isSecret ? "[secret]" : withoutSecrets(each, name, depth + 1);
    if (shown !== each) copy = Object.assign(copy ?? { ...value }, { [name]: shown });
  }
  return (copy as Value | undefined) ?? value;
}
