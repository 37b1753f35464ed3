/** Skips a test for what this machine lacks; where everything has to be there it fails. */
export function lacking(skip: (why: string) => never, what: string): never {
  if (process.env["REQUIRE_SERVICES"]) throw new Error(what);
  return skip(what);
}
