/** The keys that the fakes accept: of the demo MSP, and of another MSP whose records carry the same ids. None is real. */
export const demoKeys = {
  "datto-rmm": { platform: "concord", apiKey: "DEMO-DATTO-API-KEY", apiSecret: "demo-datto-api-secret-0001" },
  itglue: { region: "us", apiKey: "ITG.demo-it-glue-api-key-0001" },
  atera: { apiKey: "demo-atera-api-key-0001" },
  "connectwise-automate": {
    serverUrl: "automate.bluepeak-it.example",
    username: "integrator",
    password: "demo-automate-password-0001",
    clientId: "3f1c8a52-7d0e-4b8e-9a51-000000000001",
  },
  syncro: { subdomain: "bluepeak", apiToken: "demo-syncro-api-token-0001" },
  halopsa: {
    host: "bluepeak.halopsa.com",
    tenant: "bluepeak",
    clientId: "services-bluepeak-0001",
    clientSecret: "demo-halo-client-secret-0001",
  },
  superops: { region: "us", subdomain: "bluepeak", apiToken: "demo-superops-api-token-0001" },
  autotask: {
    userName: "demo-api@bluepeak.example",
    secret: "demo-autotask-secret-0001",
    integrationCode: "DEMOTRACKINGCODE0001",
  },
  "connectwise-psa": {
    site: "na.myconnectwise.net",
    companyId: "bluepeak",
    publicKey: "DEMOPSAPUBLICKEY",
    privateKey: "demo-psa-private-key-0001",
    clientId: "5b0d7c44-2a9e-4d3f-8c17-000000000001",
  },
} as const;

export const otherKeys = {
  "datto-rmm": { platform: "merlot", apiKey: "OTHER-DATTO-API-KEY", apiSecret: "other-datto-api-secret-0002" },
  itglue: { region: "eu", apiKey: "ITG.other-it-glue-api-key-0002" },
  atera: { apiKey: "other-atera-api-key-0002" },
  "connectwise-automate": {
    serverUrl: "automate.harbor-finch.example",
    username: "integrator",
    password: "other-automate-password-0002",
    clientId: "3f1c8a52-7d0e-4b8e-9a51-000000000002",
  },
  syncro: { subdomain: "harborfinch", apiToken: "other-syncro-api-token-0002" },
  halopsa: {
    host: "harborfinch.halopsa.com",
    tenant: "harborfinch",
    clientId: "services-harborfinch-0002",
    clientSecret: "other-halo-client-secret-0002",
  },
  superops: { region: "eu", subdomain: "harborfinch", apiToken: "other-superops-api-token-0002" },
  autotask: {
    userName: "other-api@harborfinch.example",
    secret: "other-autotask-secret-0002",
    integrationCode: "OTHERTRACKINGCODE0002",
  },
  "connectwise-psa": {
    site: "psa.harbor-finch.example",
    companyId: "harborfinch",
    publicKey: "OTHERPSAPUBLICKEY",
    privateKey: "other-psa-private-key-0002",
    clientId: "5b0d7c44-2a9e-4d3f-8c17-000000000002",
  },
} as const;

export const wrongKeys = {
  "datto-rmm": { ...demoKeys["datto-rmm"], apiSecret: "not-the-secret" },
  itglue: { ...demoKeys.itglue, apiKey: "ITG.not-the-key" },
  atera: { apiKey: "not-the-atera-key" },
  "connectwise-automate": { ...demoKeys["connectwise-automate"], password: "not-the-automate-password" },
  syncro: { subdomain: "bluepeak", apiToken: "not-the-syncro-token" },
  halopsa: { ...demoKeys.halopsa, clientSecret: "not-the-halo-client-secret" },
  superops: { ...demoKeys.superops, apiToken: "not-the-superops-token" },
  autotask: { ...demoKeys.autotask, secret: "not-the-secret" },
  "connectwise-psa": { ...demoKeys["connectwise-psa"], privateKey: "not-the-psa-private-key" },
} as const;

export type VendorSlug = keyof typeof demoKeys;
