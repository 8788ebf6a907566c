import type { FaultRule } from './faults/fault-rule.ts';

/** What can be chosen when a tenant is made; each has the default of `defaultOptions`. */
export interface TenantOptions {
  /** First of consecutive ports; 0 lets the system choose each. */
  readonly port: number;
  /** Port of the CONNECT proxy; 0 lets the system choose, undefined starts none. */
  readonly proxyPort: number | undefined;
  /** Items of the synthetic drive, and how many files each of its folders has. */
  readonly items: number;
  readonly filesPerFolder: number;
  /** Added to each answer, in milliseconds. */
  readonly latencyMs: number;
  /** Resource units per minute and app; undefined never throttles. */
  readonly ruPerMinute: number | undefined;
  readonly seed: number;
  readonly stateDir: string | undefined;
  /** Accept http://localhost as a notification URL. */
  readonly loopbackNotifications: boolean;
  /** Added to the web redirect URIs of the Graph Valet registration. */
  readonly redirectUris: readonly string[];
  readonly faults: readonly FaultRule[];
}

export const defaultOptions: TenantOptions = {
  port: 0,
  proxyPort: undefined,
  items: 0,
  filesPerFolder: 20,
  latencyMs: 0,
  ruPerMinute: undefined,
  seed: 1,
  stateDir: undefined,
  loopbackNotifications: false,
  redirectUris: [],
  faults: [],
};
