import { type PsaWorld, type Row, reference } from "./world-connectwise-psa.ts";

/** Agreements, invoices, opportunities and projects of each company. */
export function addFinance(psa: PsaWorld) {
  for (const [index, company] of psa.tables.companies.entries()) {
    const agreement = addAgreement(psa, company, index);
    for (const entry of psa.tables.timeEntries)
      if ((entry["company"] as Row).id === company.id)
        Object.assign(entry, { agreement: reference(agreement), agreementHours: entry["actualHours"] });
    addInvoices(psa, company, index);
    addOpportunity(psa, company, index);
    addProject(psa, company, index);
  }
}

const contactOf = ({ tables }: PsaWorld, company: Row) =>
  reference(tables.contacts.find(({ id }) => Math.floor(id / 100) === company.id));

function addAgreement(psa: PsaWorld, company: Row, index: number) {
  const { add, time } = psa;
  const agreement = add(
    "agreements",
    {
      name: `Managed Services - ${company["identifier"]}`,
      type: { id: 1, name: "Managed Services" },
      company: reference(company),
      contact: contactOf(psa, company),
      agreementStatus: "Active",
      cancelledFlag: false,
      applicationUnits: "Hours",
      applicationLimit: 20 + index,
      applicationCycle: "CalendarMonth",
      applicationUnlimitedFlag: false,
      startDate: time(300),
      endDate: time(-65),
    },
    501 + index,
  );
  for (const [order, product] of ["RMM-AGENT", "BACKUP-TB"].entries())
    add("additions", {
      agreementId: agreement.id,
      product: { id: 900 + order, identifier: product },
      quantity: 10 + order,
      unitPrice: 12.5,
      billCustomer: "Billable",
      agreementStatus: "Active",
    });
  return agreement;
}

function addInvoices(psa: PsaWorld, company: Row, index: number) {
  for (const [order, daysAgo] of [10, 40].entries()) {
    const invoice = psa.add("invoices", {
      invoiceNumber: String(70_001 + index * 10 + order),
      type: "Agreement",
      status: { id: 2, name: order === 0 ? "New" : "Closed" },
      company: reference(company),
      date: psa.time(daysAgo),
      dueDate: psa.time(daysAgo - 30),
      total: 500 + index,
      balance: order === 0 ? 500 + index : 0,
      currency: { id: 1, currencyCode: "USD" },
    });
    if (order === 1) {
      const entry = psa.tables.timeEntries.find((row) => (row["company"] as Row).id === company.id)!;
      entry["invoice"] = { id: invoice.id, identifier: invoice["invoiceNumber"] };
    }
  }
}

function addOpportunity(psa: PsaWorld, company: Row, index: number) {
  psa.add("opportunities", {
    name: `Firewall refresh ${company["identifier"]}`,
    company: reference(company),
    contact: contactOf(psa, company),
    stage: { id: 1, name: index % 2 === 0 ? "2.Qualification" : "4.Proposal" },
    status: { id: 1, name: "Open" },
    probability: { id: 4, name: "50" },
    expectedCloseDate: psa.time(-30 - index),
    closedDate: index === 3 ? psa.time(5) : null,
    primarySalesRep: reference(psa.tables.members[index % 2]),
  });
}

function addProject(psa: PsaWorld, company: Row, index: number) {
  const project = psa.add(
    "projects",
    {
      name: `Server replacement ${company["identifier"]}`,
      company: reference(company),
      status: { id: 1, name: index === 2 ? "Closed" : "In Progress" },
      closedFlag: index === 2,
      board: { id: 2, name: "Projects and Changes" },
      billingMethod: "ActualRates",
      manager: reference(psa.tables.members[0]),
      budgetHours: 40,
      estimatedHours: 36,
      actualHours: 12.5,
      percentComplete: 0.35,
      estimatedStart: psa.time(20),
      estimatedEnd: psa.time(-20),
    },
    301 + index,
  );
  for (const [order, description] of ["Prepare", "Migrate"].entries())
    psa.add("phases", {
      projectId: project.id,
      description,
      wbsCode: String(order + 1),
      status: { id: 1, name: "Open" },
      budgetHours: 20,
      actualHours: 6,
    });
  psa.add("projectTickets", {
    summary: "Order hardware",
    project: { id: project.id, name: project["name"] },
    phase: { id: 1, name: "Prepare" },
    company: reference(company),
    status: { id: 9, name: "New" },
    owner: reference(psa.tables.members[1]),
    closedFlag: false,
  });
}
