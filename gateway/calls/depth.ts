/** Whether JSON is nested deeper than any tool takes it: what walks it, from the SDK to the audit log, would fail inside. */
const isNestedTooDeep = (value: unknown, levels = 64): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isNestedTooDeep(inner, levels - 1)));

/** For every way in that takes JSON, before anything looks at it. It is answered with 400. */
export function refuseDeepBody(
  { body }: { readonly body: unknown },
  _reply: unknown,
  done: (error?: Error) => void,
): void {
  done(
    isNestedTooDeep(body) ? Object.assign(new Error("The body is nested too deep."), { statusCode: 400 }) : undefined,
  );
}
