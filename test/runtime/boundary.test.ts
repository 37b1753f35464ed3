import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  body,
  type CustomerRules,
  each,
  flatAll,
  headerAuth,
  type Listing,
  labelsOf,
  listed,
  memoryLabels,
  mutation,
  one,
  pages,
  pagesFor,
  query,
  secret,
  ToolError,
  take,
  vendorGraphql,
  vendorHttp,
} from "../../runtime/index.ts";
import { type Asked, fakeFetch, json, status, transport } from "./fake.ts";

const BASE = "https://api.acme.example/v1";

// biome-ignore lint/suspicious/noExplicitAny: what answers hold is the test's own
type Any = any;

/** The client without the types of a vendor. */
type Ask = (path: string, options?: object) => Promise<{ data?: Any }>;
type Http = Record<"GET" | "POST" | "PATCH", Ask>;

function client(fetch: typeof globalThis.fetch, customers: CustomerRules, ids: readonly (string | number)[] = ["a"]) {
  let dropped = 0;
  const boundary = {
    ids: new Set(ids.map(String)),
    noteDropped(rows: number) {
      dropped += rows;
    },
  };
  const auth = headerAuth({ "x-key": secret`key` });
  const http: unknown = vendorHttp({ vendor: "Acme", baseUrl: BASE, auth, customers }, transport(fetch, { boundary }));
  return { http: http as Http, dropped: () => dropped };
}

const failed = async (work: Promise<unknown>): Promise<ToolError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ToolError) return error;
  throw new Error(`no failure: ${error}`);
};

const OUTSIDE = "OUTSIDE_CUSTOMERS";

describe("arguments", () => {
  it("refuses what no rule is about, and what a rule refuses, before anything is sent (TEN-03, TEN-04)", async () => {
    const { fetch, asked } = fakeFetch({});
    const { http } = client(fetch, { "GET /log": { refused: "Its rows name nobody." } });
    expect((await failed(body(http.GET("/unheard-of")))).code).toBe(OUTSIDE);
    const refused = await failed(body(http.GET("/log")));
    expect(refused).toMatchObject({ code: OUTSIDE, message: expect.stringContaining("Its rows name nobody.") });
    expect(asked).toEqual([]);
  });

  it("passes what is shared and what names an admitted customer, as text or number (TEN-04)", async () => {
    const { fetch, asked } = fakeFetch({ ok: true });
    const rules: CustomerRules = {
      "GET /kinds": { shared: "A catalogue." },
      "GET /sites/{site}/tickets": { named: ["path.site"] },
    };
    const { http } = client(fetch, rules, [7]);
    await body(http.GET("/kinds"));
    await body(http.GET("/sites/{site}/tickets", { params: { path: { site: 7 } } }));
    expect(asked).toHaveLength(2);
    const outside = await failed(body(http.GET("/sites/{site}/tickets", { params: { path: { site: 8 } } })));
    expect(outside.message).toBe("This is not among the customers you may see.");
    expect(asked).toHaveLength(2);
  });

  it.each([
    ["one value of several", { site: ["a", "b"] }],
    ["one in a list written as text", { site: "a,b" }],
    ["an empty text", { site: "" }],
    ["the same in other letters", { site: "A" }],
  ])("looks at every value of an argument: %s (TEN-04)", async (_, given) => {
    const { fetch, asked } = fakeFetch({});
    const { http } = client(fetch, { "GET /tickets": { named: ["query.site"] } });
    expect((await failed(body(http.GET("/tickets", { params: { query: given } })))).code).toBe(OUTSIDE);
    expect(asked).toEqual([]);
  });

  it("narrows a read to the only customer there is, and asks for one when there are several (TEN-04)", async () => {
    const { fetch, asked } = fakeFetch([]);
    const rules: CustomerRules = { "GET /tickets": { named: ["query.filter[site]"] } };
    const query = { open: true };
    await body(client(fetch, rules, ["a b"]).http.GET("/tickets", { params: { query } }));
    expect(asked.map(({ url }) => url)).toEqual([`${BASE}/tickets?open=true&filter[site]=a%20b`]);
    const { http } = client(fetch, rules, ["a", "b"]);
    expect((await failed(body(http.GET("/tickets", { params: { query } })))).code).toBe(OUTSIDE);
    expect((await failed(body(client(fetch, rules, []).http.GET("/tickets")))).code).toBe(OUTSIDE);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ["a body", { company: { id: "b" } }, "body.company.id"],
    ["a body in an array", [{ company: { id: "a" } }, { company: { id: "b" } }], "body.company.id"],
    ["a JSON:API document", { data: { attributes: { org: "b" } } }, "body.data.attributes.org"],
    ["a JSON Patch", [{ op: "replace", path: "/company/id", value: "b" }], "body.company.id"],
    ["a JSON Patch of the whole", [{ op: "replace", path: "company", value: { id: "b" } }], "body.company.id"],
    ["a list inside", { sites: ["a", "b"] }, "body.sites"],
    ["nothing where there was one", { company: { id: null } }, "body.company.id"],
  ])("looks into %s (TEN-04)", async (_, sent, place) => {
    const { fetch, asked } = fakeFetch({});
    const { http } = client(fetch, { "POST /tickets": { named: [place] } });
    expect((await failed(body(http.POST("/tickets", { body: sent })))).code).toBe(OUTSIDE);
    const ours = JSON.parse(JSON.stringify(sent).replaceAll(/"b"|null/g, '"a"'));
    await body(http.POST("/tickets", { body: ours }));
    expect(asked).toHaveLength(1);
  });

  it("makes no change that names no customer (TEN-04)", async () => {
    const { fetch, asked } = fakeFetch({});
    const { http } = client(fetch, { "POST /tickets": { named: ["body.site"] } });
    expect((await failed(body(http.POST("/tickets", { body: { title: "x" } })))).code).toBe(OUTSIDE);
    expect(asked).toEqual([]);
  });

  it("looks at the address of a next page, which comes from outside (TEN-04)", async () => {
    const { fetch, asked } = fakeFetch([]);
    const { http } = client(fetch, { "GET /tickets": { named: ["query.site"] } });
    const forged = { params: { query: { site: "a" } }, nextUrl: `${BASE}/tickets?site=b` };
    expect((await failed(body(http.GET("/tickets", forged)))).code).toBe(OUTSIDE);
    expect(asked).toEqual([]);
  });
});

describe("what is asked first", () => {
  const rules: CustomerRules = {
    "GET /tickets/{id}": { rows: { in: ["ticket"], customer: ["site.id"] } },
    "PATCH /tickets/{id}": {
      named: ["body.site"],
      through: [{ ask: "GET /tickets/{id}", with: { "path.id": "path.id" } }],
    },
    "GET /notes": {
      through: [{ ask: "GET /tickets/{id}", with: { "path.id": "query.ticket" }, always: { "query.x": 1 } }],
    },
  };
  const tickets = ({ url, method }: Asked) =>
    method === "PATCH"
      ? { done: true }
      : url.includes("/tickets/1")
        ? { ticket: { site: { id: "a" } } }
        : url.includes("/tickets/2")
          ? { ticket: { site: { id: "b" } } }
          : url.includes("/notes")
            ? []
            : status(404);
  const patch = (id: number, more: object = {}) => ({ params: { path: { id } }, body: { title: "x", ...more } });

  it("says whose a thing is before it is changed, once for a call (TEN-04)", async () => {
    const { fetch, asked } = fakeFetch(tickets);
    const { http } = client(fetch, rules);
    await body(http.PATCH("/tickets/{id}", patch(1)));
    await body(http.PATCH("/tickets/{id}", patch(1, { site: "a" })));
    expect(asked.map(({ method }) => method)).toEqual(["GET", "PATCH", "PATCH"]);
  });

  it("keeps a thing where it is: both customers of a move must be admitted (TEN-04)", async () => {
    const { fetch, asked } = fakeFetch(tickets);
    const { http } = client(fetch, rules);
    expect((await failed(body(http.PATCH("/tickets/{id}", patch(1, { site: "b" }))))).code).toBe(OUTSIDE);
    expect((await failed(body(http.PATCH("/tickets/{id}", patch(2, { site: "a" }))))).code).toBe(OUTSIDE);
    expect(asked.filter(({ method }) => method === "PATCH")).toEqual([]);
  });

  it("tells what is outside and what is not there alike (TEN-04)", async () => {
    const { fetch } = fakeFetch(tickets);
    const { http } = client(fetch, rules);
    const [outside, missing] = await Promise.all(
      [2, 3].map((id) => failed(body(http.PATCH("/tickets/{id}", patch(id))))),
    );
    const [seen, unseen] = await Promise.all(
      [2, 3].map((id) => failed(body(http.GET("/tickets/{id}", { params: { path: { id } } })))),
    );
    for (const error of [missing, seen, unseen])
      expect([error!.code, error!.message, error!.advice]).toEqual([outside!.code, outside!.message, outside!.advice]);
  });

  it("sends what is always sent with it, and asks for something when nothing is named (TEN-04)", async () => {
    const { fetch, asked } = fakeFetch(tickets);
    const { http } = client(fetch, rules);
    await body(http.GET("/notes", { params: { query: { ticket: 1 } } }));
    expect(asked.map(({ url }) => url)).toEqual([`${BASE}/tickets/1?x=1`, `${BASE}/notes?ticket=1`]);
    expect((await failed(body(http.GET("/notes")))).code).toBe(OUTSIDE);
  });
});

describe("rows", () => {
  const list = (rows: object) => ({ "GET /rows": { rows: { in: ["data"], customer: ["site"], ...rows } } });

  it("leaves out rows of others, and rows that do not say whose they are (TEN-04)", async () => {
    const data = [
      { site: "b" },
      { site: "a", n: 1 },
      {},
      { site: null },
      { site: ["a", "b"] },
      null,
      "odd",
      { site: "a", n: 2 },
    ];
    const { http, dropped } = client(fakeFetch({ data }).fetch, list({}));
    const answer = await body(http.GET("/rows"));
    expect(listed((answer as { data: object[] }).data)).toEqual([
      { site: "a", n: 1 },
      { site: "a", n: 2 },
    ]);
    expect((answer as { data: object[] }).data).toHaveLength(8);
    expect(dropped()).toBe(5);
  });

  it("finds the first that is left, and nothing when none is (TEN-04)", async () => {
    const first = async (data: unknown[]) =>
      one((await body(client(fakeFetch({ data }).fetch, list({})).http.GET("/rows"))).data);
    expect(await first([{ site: "b" }, { site: "a" }])).toEqual({ site: "a" });
    expect((await failed(first([{ site: "b" }]))).code).toBe("VENDOR_NOT_FOUND");
  });

  it("reads JSON:API resources and lists that stand in one place or another (TEN-04)", async () => {
    const rules = { "GET /rows": { rows: { in: ["data", "more.data"], customer: ["attributes.org-id"] } } };
    const rows = [1, 2].map((org) => ({ id: `r${org}`, attributes: { "org-id": org } }));
    const { http } = client(fakeFetch({ more: { data: rows } }).fetch, rules, [2]);
    const answer = (await body(http.GET("/rows"))) as { more: { data: typeof rows } };
    const flat = flatAll(answer.more.data);
    expect(flat).toHaveLength(2);
    expect(
      (
        await take(
          5,
          pages(0, async () => ({ items: flat })),
        )
      ).items,
    ).toEqual([{ id: "r2", "org-id": 2 }]);
  });

  it("finds a list that is now inside, now the answer itself (TEN-04)", async () => {
    const rules = { "GET /rows": { rows: { in: ["data", "."], customer: ["site"] } } };
    const data = () => [{ site: "a" }, { site: "b" }];
    for (const answer of [data(), { data: data(), count: 2 }]) {
      const { data: left } = await client(fakeFetch(answer).fetch, rules).http.GET("/rows");
      expect(listed(Array.isArray(left) ? left : left.data)).toEqual([{ site: "a" }]);
    }
  });

  it("leaves out a thing that stands where a list may (TEN-04)", async () => {
    const read = async (site: string) =>
      await body(client(fakeFetch({ site }).fetch, list({ in: ["data", "."] })).http.GET("/rows"));
    expect(await read("a")).toEqual({ site: "a" });
    expect((await failed(read("b"))).code).toBe(OUTSIDE);
  });

  it("does not tell how many there are in all, unless they are all the customer's (TEN-04)", async () => {
    const rules: CustomerRules = {
      "GET /rows": { named: ["query.site"], rows: { in: ["data"], customer: ["site"], total: "meta.total" } },
    };
    const total = async (ids: string[], site?: string) => {
      const { http } = client(fakeFetch({ data: [{ site: "a" }], meta: { total: 41 } }).fetch, rules, ids);
      const read = async () => {
        const answer = (await body(http.GET("/rows", { params: { query: { site } } }))) as Any;
        return { items: answer.data, total: answer.meta.total, isMore: 40 < (answer.meta.total ?? 0) };
      };
      expect((await read()).isMore).toBe(true);
      return (await take(5, pages(0, read))).total;
    };
    expect(await total(["a", "b"])).toBeUndefined();
    expect(await total(["a", "b"], "a")).toBe(41);
    expect(await total(["a"])).toBe(41);
  });
});

it("tells one thing that is not there like one of others, where the answer is merely empty (TEN-04)", async () => {
  const rules: CustomerRules = { "GET /rows": { rows: { one: true, in: ["item"], customer: ["site"] } } };
  const read = (item: object | null) => client(fakeFetch({ item }).fetch, rules).http.GET("/rows");
  expect(await failed(read(null))).toEqual(await failed(read({ site: "b" })));
  expect((await read({ site: "a" })).data).toEqual({ item: { site: "a" } });
});

describe("rows that must be asked for", () => {
  const rules: CustomerRules = {
    "GET /hours": { rows: { in: ["."], through: [{ ask: "GET /tickets/{id}", with: { "path.id": "ticket.id" } }] } },
    "GET /tickets/{id}": { rows: { in: ["."], customer: ["site"] } },
    "GET /people": { rows: { in: ["."], customer: ["site"] } },
    "POST /mails": { through: [{ ask: "GET /people", with: { "query.email": "body.to" } }] },
  };
  const hour = (id: number | undefined, n: number) => ({ n, ...(id !== undefined && { ticket: { id } }) });

  it("are kept when what they belong to is a customer's, which is asked once for each thing (TEN-04)", async () => {
    const hours = [hour(1, 1), hour(2, 2), hour(1, 3), hour(undefined, 4), hour(3, 5), hour(2, 6)];
    const { fetch, asked } = fakeFetch(({ url }: Asked) =>
      url.endsWith("/hours") ? hours : url.endsWith("/3") ? status(404) : { site: url.endsWith("/1") ? "a" : "b" },
    );
    const { http } = client(fetch, rules);
    const { data } = await http.GET("/hours");
    expect(listed<{ n: number }>(data)!.map(({ n }) => n)).toEqual([1, 3]);
    expect(asked.map(({ url }) => url.slice(BASE.length)).sort()).toEqual([
      "/hours",
      "/tickets/1",
      "/tickets/2",
      "/tickets/3",
    ]);
  });

  it("need one thing that is a customer's, and none that is another's, where they may belong to several (TEN-04)", async () => {
    const through = [
      { ask: "GET /tickets/{id}", with: { "path.id": "ticket" } },
      { ask: "GET /tasks/{id}", with: { "path.id": "task" } },
    ];
    const either: CustomerRules = {
      "GET /hours": { rows: { in: ["."], through } },
      "GET /tickets/{id}": { rows: { in: ["."], customer: ["site"] } },
      "GET /tasks/{id}": { rows: { in: ["."], customer: ["site"] } },
    };
    // Tickets 1 and tasks 2 are theirs: one number is two things.
    const { fetch } = fakeFetch(({ url }: Asked) =>
      url.endsWith("/hours")
        ? [{ n: 1, ticket: 1, task: null }, { n: 2, ticket: 2 }, { n: 3, task: 2 }, { n: 4, task: 1 }, { n: 5, ticket: 1, task: 2 }, { n: 6, ticket: 1, task: 1 }, { n: 7 }] // biome-ignore format: rows
        : { site: /tickets\/1|tasks\/2/.test(url) ? "a" : "b" },
    );
    const { data } = await client(fetch, either).http.GET("/hours");
    expect(listed<{ n: number }>(data)!.map(({ n }) => n)).toEqual([1, 3, 5]);
  });

  it("fail with the vendor rather than to be taken for somebody else's (TEN-04)", async () => {
    const { fetch } = fakeFetch(({ url }: Asked) => (url.endsWith("/hours") ? [hour(1, 1)] : status(403)));
    expect((await failed(client(fetch, rules).http.GET("/hours"))).code).toBe("VENDOR_FORBIDDEN");
  });

  it("are not too many (TEN-04)", async () => {
    const { fetch, asked } = fakeFetch(Array.from({ length: 101 }, (_, id) => hour(id + 1, id)));
    expect((await failed(client(fetch, rules).http.GET("/hours"))).code).toBe("TOO_LARGE");
    expect(asked).toHaveLength(1);
  });

  it.each([
    ["one of theirs", [{ site: "a" }], true],
    ["nobody", [], false],
    ["one of theirs and one of others", [{ site: "a" }, { site: "b" }], false],
  ])("let a search lead to a change when it finds %s: %s (TEN-04)", async (_, people, may) => {
    const { fetch, asked } = fakeFetch(({ url }: Asked) => (url.includes("/people") ? people : { done: true }));
    const mail = client(fetch, rules).http.POST("/mails", { body: { to: "x@y.example" } });
    if (may) await mail;
    else expect((await failed(mail)).code).toBe(OUTSIDE);
    expect(asked.filter(({ method }) => method === "POST")).toHaveLength(may ? 1 : 0);
  });

  it("leave no row of a fan-out, and fail it when there is none but theirs (TEN-04)", async () => {
    const { fetch } = fakeFetch(({ url }: Asked) => ({ site: url.endsWith("/1") ? "a" : "b" }));
    const { http } = client(fetch, rules);
    const ask = (id: number) => body(http.GET("/tickets/{id}", { params: { path: { id } } }));
    expect(await each([2, 1, 3], ask, { atMost: 5 })).toEqual({
      rows: [{ item: 1, answer: { site: "a" } }],
      coverage: { of: 3, asked: 3, answered: 1, failed: 2, complete: false },
    });
    expect((await failed(each([2, 3], ask, { atMost: 5 }))).code).toBe(OUTSIDE);
  });
});

/** A vendor's list in every way of paging; the readers are written as the generator prints them. */
type Row = { id: number; site: string };
type Style = (
  all: readonly Row[],
  size: number,
) => { answer: (asked: Asked) => unknown; listing(http: Http): Listing<Row> };

const asked = (http: Http, query: object, more: object = {}) =>
  body(http.GET("/rows", { params: { query }, ...more })) as Promise<Any>;
const numberIn = ({ url }: Asked, name: string, otherwise: number) =>
  Number(new URL(url).searchParams.get(name) ?? otherwise);

const styles: Record<string, Style> = {
  "page numbers": (all) => ({
    answer: (asked) => {
      const [page, max] = [numberIn(asked, "page", 0), numberIn(asked, "max", 1)];
      return { data: all.slice(page * max, (page + 1) * max), more: (page + 1) * max < all.length };
    },
    listing: (http) =>
      pages(
        0,
        async (page, max) => {
          const answer = await asked(http, { page, max });
          return { items: answer.data, next: answer.more ? page + 1 : undefined };
        },
        { size: 4 },
      ),
  }),
  "full pages": (all, size) => ({
    answer: (asked) => ({
      data: all.slice(numberIn(asked, "page", 0) * size, (numberIn(asked, "page", 0) + 1) * size),
    }),
    listing: (http) =>
      pages(0, async (page) => {
        const answer = await asked(http, { page });
        return { items: answer.data, next: (answer.data?.length ?? 0) >= size ? page + 1 : undefined };
      }),
  }),
  offsets: (all, size) => ({
    answer: (asked) => ({ data: all.slice(numberIn(asked, "skip", 0)).slice(0, size), total: all.length }),
    listing: (http) =>
      pages(0, async (skip) => {
        const answer = await asked(http, { skip });
        const items = answer.data;
        const next = items?.length && skip + items.length < (answer.total ?? 0) ? skip + items.length : undefined;
        return { items, next, total: answer.total };
      }),
  }),
  "the last id": (all, size) => ({
    answer: (asked) => ({ data: all.filter(({ id }) => id > numberIn(asked, "after", -1)).slice(0, size) }),
    listing: (http) =>
      pages<Row, number | undefined>(undefined, async (after) => {
        const items = (await asked(http, { after })).data;
        return { items, next: listed<Row>(items)?.at(-1)?.id };
      }),
  }),
  "addresses of next pages": (all, size) => ({
    answer: (asked) => {
      const next = numberIn(asked, "from", 0) + size;
      return { data: all.slice(next - size, next), next: next < all.length ? `${BASE}/rows?from=${next}` : null };
    },
    listing: (http) =>
      pages<Row, string | undefined>(undefined, async (nextUrl) => {
        const answer = await asked(http, {}, { nextUrl });
        return { items: answer.data, next: answer.next };
      }),
  }),
};

describe("a list in pages", () => {
  it.each(Object.entries(styles))(
    "by %s holds exactly the admitted rows, in order, once (TEN-03, TEN-04)",
    (_, style) =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 30 }),
          fc.subarray(["a", "b", "c"]),
          fc.integer({ min: 1, max: 6 }),
          fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
          async (sites, ids, size, limits) => {
            const all = sites.map((site, id) => ({ id, site }));
            const { answer, listing } = style(all, size);
            const rules = { "GET /rows": { rows: { in: ["data"], customer: ["site"], total: "total", last: "id" } } };
            const { fetch } = fakeFetch((question: Asked) => json(answer(question)));
            const { http } = client(fetch, rules, ids);
            const seen: Row[] = [];
            let cursor: string | undefined;
            for (let call = 0; call < 100; call++) {
              const taken = await take(limits[call % limits.length]!, listing(http), cursor);
              seen.push(...taken.items);
              expect(taken.total).toBeUndefined();
              expect(taken.coverage.asked).toBe(taken.items.length);
              cursor = taken.more.next_cursor;
              if (cursor === undefined) break;
            }
            expect(seen).toEqual(all.filter(({ site }) => ids.includes(site)));
          },
        ),
        { numRuns: 60 },
      ),
  );
});

it("reads whole pages where most of their items may be left out, but goes on as it began (TEN-04)", async () => {
  const sizes: number[] = [];
  const read = async (page: number, size: number) => {
    sizes.push(size);
    return { items: [page], next: page + 1 };
  };
  const { fetch } = fakeFetch({});
  const bounded = pagesFor(transport(fetch, { boundary: { ids: new Set() } }));
  const first = await take(1, pagesFor(transport(fetch))(0, read, { size: 50 }));
  await take(1, bounded(0, read, { size: 50 }));
  await take(1, bounded(0, read, { size: 50 }), first.more.next_cursor);
  expect(sizes).toEqual([1, 50, 1]);
});

describe("GraphQL", () => {
  const ticket = query<Any>("ticket")`query ticket($id: ID!) { ticket(id: $id) { client { id } } }`;
  const tickets = query<Any>("tickets")`query tickets { tickets { client { id } } }`;
  const save = mutation<Any>("save")`mutation save($input: In!) { save(input: $input) { id } }`;
  const customers: CustomerRules = {
    "query ticket": { rows: { in: ["."], customer: ["client.id"] } },
    "query tickets": { rows: { in: ["."], customer: ["client.id"] } },
    "mutation save": {
      named: ["body.input.client.id"],
      through: [{ ask: "query ticket", document: ticket.text, with: { "body.id": "body.input.ticketId" } }],
    },
  };
  const of = (id: string | undefined) => ({ client: { id: id === "7" ? "a" : "b" } });

  function graphql() {
    const { fetch, asked } = fakeFetch(({ body: text }: Asked) => {
      const { query: document, variables } = JSON.parse(text!) as { query: string; variables: { id?: string } };
      if (document.startsWith("mutation")) return { data: { save: { id: "1" } } };
      return { data: { ticket: of(variables.id), tickets: [of("7"), of("8"), of("7")] } };
    });
    const auth = headerAuth({ authorization: secret`key` });
    const config = { vendor: "Acme Notes", baseUrl: BASE, auth, customers };
    const boundary = { ids: new Set(["a"]) };
    return { client: vendorGraphql(config, transport(fetch, { boundary })), asked };
  }

  it("is held to the same rules: variables before, items after (TEN-04)", async () => {
    const { client, asked } = graphql();
    const answer = await client.ask(tickets, {} as never);
    expect(listed(answer as unknown as object[])).toHaveLength(2);
    expect(await client.ask(ticket, { id: "7" } as never)).toEqual(of("7"));
    expect((await failed(client.ask(ticket, { id: "8" } as never))).code).toBe(OUTSIDE);
    asked.length = 0;
    await client.ask(save, { input: { ticketId: "7" } } as never);
    expect((await failed(client.ask(save, { input: { ticketId: "8" } } as never))).code).toBe(OUTSIDE);
    expect((await failed(client.ask(save, { input: { ticketId: "7", client: { id: "b" } } } as never))).code).toBe(
      OUTSIDE,
    );
    expect(asked.map(({ body: text }) => JSON.parse(text!).query.split(/\W/)[0])).toEqual([
      "query",
      "mutation",
      "query",
    ]);
  });
});

it("keeps labels that somebody with a boundary reads for themselves (TEN-04)", () => {
  const labels = memoryLabels();
  const { fetch } = fakeFetch({});
  expect(labelsOf(transport(fetch, { labels }))).toBe(labels);
  expect(labelsOf(transport(fetch, { labels, boundary: { ids: new Set() } }))).not.toBe(labels);
});
