interface Choice {
  value: string;
  label: string;
  parentValue: string;
  isActive: boolean;
  isDefaultValue: boolean;
  isSystem: boolean;
  sortOrder: number;
}

/** The fields of each entity that take a number out of a list, as `entityInformation/fields` tells them. */
const lists: Record<string, Record<string, Record<number, string>>> = {
  Tickets: {
    status: { 1: "New", 5: "Complete", 7: "Waiting Customer", 8: "In Progress" },
    priority: { 1: "High", 2: "Medium", 3: "Low", 4: "Critical" },
    queueID: { 8: "Monitoring Alert", 29682833: "Service Desk", 29682969: "Level II Support" },
    issueType: { 10: "Computer", 11: "Network" },
    subIssueType: { 136: "Slow", 137: "Disk", 141: "VPN" },
    ticketType: { 1: "Service Request", 2: "Incident", 3: "Problem", 5: "Alert" },
    source: { 2: "Phone", 4: "Email", 8: "Monitoring Alert" },
  },
  Companies: { companyType: { 1: "Customer", 2: "Lead", 3: "Prospect", 7: "Vendor" } },
  TicketNotes: {
    noteType: { 1: "Task Summary", 2: "Task Detail", 3: "Task Notes", 13: "Workflow Rule Note" },
    publish: { 1: "All Autotask Users", 2: "Internal Project Team" },
  },
  TimeEntries: { timeEntryType: { 2: "IssueTask", 6: "ServiceTicket" } },
  ConfigurationItems: { configurationItemType: { 1: "Server", 2: "Workstation", 3: "Printer", 4: "Network" } },
  Contracts: {
    status: { 0: "Inactive", 1: "Active" },
    contractType: { 1: "Time & Materials", 4: "Block Hours", 7: "Recurring Service" },
  },
  Projects: { status: { 0: "Inactive", 1: "New", 5: "Complete", 9: "In Progress" } },
};

const parents: Record<string, { field: string; of: Record<string, string> }> = {
  "Tickets.subIssueType": { field: "issueType", of: { 136: "10", 137: "10", 141: "11" } },
};

export const entitiesWithFields = Object.keys(lists);

export const isChoice = (entity: string, field: string, value: unknown) =>
  lists[entity]?.[field] === undefined || Object.hasOwn(lists[entity][field], String(value));

export function fieldsOf(entity: string) {
  const choices = Object.entries(lists[entity] ?? {}).map(([name, values]) => {
    const parent = parents[`${entity}.${name}`];
    return {
      ...field(name, "integer"),
      isPickList: true,
      picklistParentValueField: parent?.field ?? "",
      picklistValues: Object.entries(values).map(
        ([value, label], index): Choice => ({
          value,
          label,
          parentValue: parent?.of[value] ?? "",
          isActive: label !== "Problem",
          isDefaultValue: index === 0,
          isSystem: Number(value) < 1000,
          sortOrder: index + 1,
        }),
      ),
    };
  });
  return [field("id", "long"), field("title", "string"), ...choices];
}

const field = (name: string, dataType: string) => ({
  name,
  dataType,
  length: dataType === "string" ? 255 : 0,
  isRequired: name === "title",
  isReadOnly: name === "id",
  isQueryable: true,
  isReference: false,
  referenceEntityType: "",
  isPickList: false,
  picklistValues: null as Choice[] | null,
  picklistParentValueField: "",
});
