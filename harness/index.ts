/** What others may build on. Scenario and variant files need `define...` and the types; the rest is for programs of their own. */
export { claims, scenarios, variants } from '../scenarios/index.ts';
export { defineConfig, defineHeaders, defineScenario } from './define.ts';
export {
  type Clock,
  DrachtioServer,
  type DrachtioServerOptions,
  type HookedMessage,
  type HookVerdict,
  type IdSource,
  randomIds,
  type SipTimers,
  type SocketAddress,
  seededIds,
  type WireHooks,
  type WireRecord,
} from './drachtio/index.ts';
export { HarnessError, LabError, UsageError } from './errors.ts';
export { judge } from './judge/judge.ts';
export { verdicts } from './judge/verdicts.ts';
export type { Account, AccountSet, AccountsNeed, Credentials, Lender } from './model/accounts.ts';
export { ASKED, type Check, type CheckId } from './model/checks.ts';
export type { Config } from './model/config.ts';
export type { Leg, Notification, Observation, SeenMessage } from './model/observation.ts';
export type { CellResult, CellRow, Expectation, RunResults, RunRows, Verdict } from './model/results.ts';
export type { Claim, HeaderVariant, Scenario, SubscriberSettings } from './model/scenario.ts';
export type { StartedServer, Subscriber } from './model/server.ts';
export { expectation } from './oracle/index.ts';
export {
  type PipelineOptions,
  type PipelineResult,
  type PlannedRun,
  pipeline,
  planned,
  type Question,
  type Runtime,
} from './pipeline.ts';
export { type Cell, plan, type Selection } from './plan/plan.ts';
export type { EarlyRenderer, Renderer, WholeRenderer } from './report/renderer.ts';
export { type ReportOptions, renderers } from './report/renderers.ts';
export { type RunOptions, type RunOutcome, runCells } from './run/run-cells.ts';
export type { LabSite, OpenSite } from './run/site.ts';
export { type ServerProcess, type ServerProcessOptions, startServerProcess } from './runtime/process/server-process.ts';
export { type ProcessSiteOptions, processSite } from './runtime/process/site.ts';
export { startKamailio } from './runtime/process/start-kamailio.ts';
export { type ListedSet, lenderOf } from './servers/lending.ts';
export { SERVERS } from './servers/registry.ts';
export type { Accounts, Server, ServerGround, WayToTrap } from './servers/server.ts';
export { type EnsureToolsOptions, ensureTools, type Tools } from './setup/tools.ts';
export { parseMessage, type SipMessage } from './sip/index.ts';
