import type { JobView } from '../jobs/job-views.ts';

export type { JobView } from '../jobs/job-views.ts';
export type { DeliveryView, RunView } from '../jobs/run-views.ts';

/**
 * What the home page shows, as plain data: the console knows no tables and no Graph. Every time is in milliseconds
 * since 1970. Texts may hold anything (file names, messages of Microsoft): views escape them. For people who are not
 * administrators it holds their own connection and nothing else.
 */
export interface Overview {
  readonly connections: readonly ConnectionView[];
  readonly jobs: readonly JobView[];
  readonly rules: readonly RuleView[];
  /**
   * What else needs a person: a certificate that expires, a timer that stands still. What follows from the connections,
   * jobs and rules above is found by the console itself (see attention.ts).
   */
  readonly warnings: readonly Warning[];
}

/** One sentence on what is wrong, one on what to do, and where that is done. */
export interface Warning {
  readonly title: string;
  readonly detail?: string | undefined;
  /** `href` is a path of this site. */
  readonly action?: { readonly label: string; readonly href: string } | undefined;
}

export interface ConnectionView {
  readonly id: string;
  readonly alias: string;
  readonly kind: 'user' | 'app';
  readonly tenantId: string;
  readonly objectId?: string | undefined;
  /** Object id of who connected it. */
  readonly createdBy?: string;
  /** The person of a `user` connection. */
  readonly displayName?: string | undefined;
  readonly username?: string | undefined;
  /** Delegated scopes of a `user`, proved app roles of an `app`. */
  readonly scopes: readonly string[];
  readonly health: 'active' | 'needs_sign_in' | 'needs_consent' | 'disabled';
  readonly healthReason?:
    | { readonly code: string; readonly message: string; readonly at: number }
    | undefined;
  readonly createdAt: number;
  readonly lastTokenAt?: number | undefined;
}

export interface RuleView {
  readonly name: string;
  readonly enabled: boolean;
  /** Alias of the connection that the rule acts as. */
  readonly connection: string;
  /** Which drive, in words: "OneDrive of chiara.rossi@contoso.com". */
  readonly target: string;
  readonly when: {
    readonly event: 'created' | 'changed';
    readonly folder: string;
    /** Glob of the file's name. */
    readonly name?: string | undefined;
  };
  /** Further conditions as half sentences: "it is larger than 10 MB". */
  readonly conditions: readonly string[];
  /** `verb` is the action's name, `to` its destination or new name. */
  readonly actions: readonly { readonly verb: string; readonly to?: string | undefined }[];
  /** How changes are noticed: told by Microsoft until `until`, or looked for each hour. */
  readonly watching: {
    readonly by: 'notification' | 'polling' | 'nothing';
    readonly until?: number | undefined;
  };
  /** Why it is held or can't watch. */
  readonly problem?: { readonly code: string; readonly message: string } | undefined;
  /** Newest first; the page shows the first five. */
  readonly operations: readonly OperationView[];
}

export interface OperationView {
  readonly id: string;
  readonly state: 'planned' | 'acting' | 'done' | 'failed' | 'skipped' | 'undone';
  /** `move`, `rename`. */
  readonly verb: string;
  readonly item: string;
  /** Paths before and after. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly at: number;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}
