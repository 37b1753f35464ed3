/** The technical half of a record of processing activities (GDPR article 30), filled with what is known here. */
export const processingRecord = ({
  org,
  vendors,
  keptDays,
}: {
  org: string;
  vendors: readonly string[];
  keptDays: number;
}): string => `# Record of processing: ${org}

The controller's name, contact and data protection officer, and the legal basis, are the controller's to add.

| what | here |
|---|---|
| Purpose | Making calls to the connected vendors for people of the organisation, through their assistants and programs |
| Data subjects | People of the organisation; people that the vendors' records are about, while a call lasts |
| Data kept | Account (name, e-mail, password hash), memberships, grants of applications, sealed vendor credentials, audit events |
| Data not kept | What vendors answer, and the arguments of calls; the audit trail holds keyed hashes of both |
| Recipients | The connected vendors: ${vendors.length > 0 ? vendors.join(", ") : "none"}; the applications that people allow; where a webhook, syslog or a store of anchors is set up, its operator |
| Erasure | Deleting a person ends their access and destroys the key of their credentials; their audit events keep a pseudonymous id |
| Retention of the audit trail | ${keptDays === 0 ? "for ever" : `${keptDays} days`} |
| Security (article 32) | See docs/compliance.md, with the test of each control |
`;
