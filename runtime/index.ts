/** All that generated code and the gateway may use of the runtime. */

export { type Across, type AcrossTool, acrossFor, defineAcross, notConnected } from "./across.ts";
export type { Auth } from "./auth/auth.ts";
export { basicAuth } from "./auth/basic.ts";
export { bearerAuth } from "./auth/bearer.ts";
export { type ClientCredentials, clientCredentials, withParams } from "./auth/client-credentials.ts";
export { headerAuth } from "./auth/headers.ts";
export { type LoginToken, loginToken } from "./auth/login-token.ts";
export { type PasswordGrant, passwordGrant } from "./auth/password-grant.ts";
export { queryAuth } from "./auth/query.ts";
export { type SignedIn, type SignIn, signedIn } from "./auth/signed-in.ts";
export { memoryTokens, type Token, type TokenStore } from "./auth/tokens.ts";
export type { Boundary } from "./boundary.ts";
export { type CallOptions, callTool, type Result } from "./call.ts";
export { type Call, newCall } from "./call-context.ts";
export { codeOf } from "./codes.ts";
export {
  type Access,
  type Annotations,
  annotationsOf,
  canonicalJson,
  type JsonSchema,
  type ToolContract,
  toolHash,
} from "./contract.ts";
export { ageDays, asText, isoTime, midnight, plainText, utcTime } from "./convert.ts";
export {
  type CredentialField,
  defineCredentials,
  hostField,
  keptField,
  type ParsedForm,
  revealCredentials,
  secretField,
  textField,
  type VendorCredentials,
} from "./credentials.ts";
export { type Customer, type CustomerRules, customersIn } from "./customers.ts";
export { DATA_CLASSES, type DataClass } from "./data-class.ts";
export { type Deadline, deadlineAfter } from "./deadline.ts";
export { DETECTOR_NAMES, type DetectorName } from "./detect/detectors.ts";
export { compilePattern, type Pattern } from "./detect/pattern.ts";
export { discovered } from "./discover.ts";
export { each, type Row, sendEach, unfold } from "./each.ts";
export { ADVICE, describe, ToolError, type ToolErrorCode, type ToolErrorOptions } from "./errors.ts";
export { type AnyOf, date, dateTime, idNumber, text, upTo } from "./fields.ts";
export { conditionsFilter } from "./filters/conditions.ts";
export { ruleFilter } from "./filters/rule.ts";
export { behind, treeFilter } from "./filters/tree.ts";
export { daysAgo, hoursAgo, hoursAhead, type Where } from "./filters/where.ts";
export { type Document, type Graphql, mutation, query, vendorGraphql } from "./graphql.ts";
export { type End, endOf, type Guard, guarded, type Target } from "./guard.ts";
export { body, type HttpConfig, linked, vendorHttp } from "./http.ts";
export { type ParsedInput, parseInput } from "./input.ts";
export { type Changes, jsonPatch } from "./json-patch.ts";
export { type Flat, flat, flatAll, included, jsonApi } from "./jsonapi.ts";
export { keep, kept } from "./keep.ts";
export {
  idOf,
  idsOf,
  joined,
  type LabelStore,
  type Labels,
  labelOf,
  labelsIn,
  labelsOf,
  memoryLabels,
} from "./labels.ts";
export { createLimiter, createPool, type Limiter, type Limits, type Pool } from "./limit.ts";
export { idOrName, lookup } from "./lookup.ts";
export {
  after,
  atLeast,
  atMost,
  before,
  contains,
  dueInHours,
  is,
  isIn,
  isNot,
  missing,
  olderThanDays,
  withinHours,
} from "./match.ts";
export { expected, found, listed, listIn, needed, needOneOf, negated, one, single } from "./needs.ts";
export { filled, listOf, merge, whole, withIds, withoutSecrets } from "./objects.ts";
export { optional, orNothing } from "./optional.ts";
export { type Listing, type Page, type Position, pages, pagesFor } from "./pages.ts";
export { type Polled, poll } from "./poll.ts";
export { DEFAULT_RULES, type RedactionRules, type Removed, redactFor } from "./redaction.ts";
export { Secret, secret } from "./secret.ts";
export { type SendsReport, sends, sendsShape } from "./sends.ts";
export { createSpender, type Part, type SharedBudgets, type Spender, spending } from "./spender.ts";
export { type Mark, type Suspicion, suspicionsIn } from "./suspicion.ts";
export { type Coverage, coverageSchema, type More, type Taken, take } from "./take.ts";
export { hidesCharacters, quotable, stripInvisible } from "./text.ts";
export { type Draft, type Tool, toolFor } from "./tool.ts";
export { count, sum, sumBy } from "./totals.ts";
export type { RequestInfo, Transport } from "./transport.ts";
export { defineVendor, type Vendor } from "./vendor.ts";
export type { Budget } from "./window.ts";
