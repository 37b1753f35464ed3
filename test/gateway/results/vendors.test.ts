import { expect, it } from "vitest";
import { across, vendors } from "../../../generated/index.ts";

it("what may be some minutes old is companies, choices, scripts and components, and nothing that moves (PAC-06)", () => {
  const kept = [...vendors, ...across].flatMap(({ tools }) => tools.filter((tool) => "cache" in tool));
  expect(kept.map(({ name }) => name).sort()).toEqual([
    "atera_list_customers",
    "autotask_list_choices",
    "autotask_search_companies",
    "cwa_list_clients",
    "cwa_list_scripts",
    "cwpsa_list_choices",
    "cwpsa_search_companies",
    "datto_list_components",
    "halo_list_choices",
    "halo_search_clients",
    "itglue_list_choices",
    "itglue_search_organizations",
    "superops_list_choices",
    "superops_list_scripts",
    "superops_search_clients",
    "syncro_list_choices",
    "syncro_list_customers",
  ]);
  expect(kept.filter(({ access }) => access !== "read")).toEqual([]);
});
