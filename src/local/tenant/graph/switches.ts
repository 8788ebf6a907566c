import * as z from 'zod';

/** What the sources of the wire contract disagree about (its section 11), with the default to play. */
export const switchesSchema = z.strictObject({
  /** 5: inner code of a 410; 'none' sends resyncRequired alone. */
  resyncInner: z
    .enum([
      'none',
      'resyncChangesApplyDifferences',
      'resyncChangesUploadDifferences',
      'resyncApplyDifferences',
      'resyncUploadDifferences',
    ])
    .default('none'),
  /** 6: delta on a subfolder of a business drive. */
  folderDelta: z.enum(['refuse', 'allow']).default('refuse'),
  /** parentReference.path in the feed: documentation has none, but the `onedrive` client, which asks by item id, needs it. */
  deltaPath: z.enum(['byId', 'always', 'never']).default('byId'),
  /** 7: spelling of delta links. */
  deltaLink: z.enum(['query', 'function']).default('query'),
  /** 8: $filter on the children of a business drive. */
  childrenFilter: z.enum(['refuse', 'ignore']).default('refuse'),
  /** 9: $top above 1000. */
  topAboveMaximum: z.enum(['cap', 'refuse']).default('cap'),
  /** 10: $expand=permissions. */
  expandPermissions: z.enum(['allow', 'refuse']).default('allow'),
  /**
   * What an upload session does with a taken name when it names no conflict behaviour: documentation says fail, yet rclone, which
   * sends fileSystemInfo alone, overwrites files so.
   */
  uploadSessionConflict: z.enum(['replaceWithTimes', 'fail', 'replace']).default('replaceWithTimes'),
  /** 11: code of a name conflict at the last fragment. */
  uploadConflictCode: z.enum(['nameAlreadyExists', 'upload_name_conflict']).default('nameAlreadyExists'),
  /** 12: status of a PUT that replaced content. */
  replacedStatus: z.union([z.literal(200), z.literal(201)]).default(200),
  /** 13: status of a copy monitor that is done. */
  copyDoneStatus: z.union([z.literal(200), z.literal(202), z.literal(303)]).default(200),
  /** 14: restore of a deleted item on a business drive. */
  restoreOnBusiness: z.enum(['refuse', 'allow']).default('refuse'),
  /** 15: life of a pre-authenticated download address. */
  downloadSeconds: z.number().positive().default(3600),
  /** 16: body of a 423. */
  lockedBody: z.enum(['notAllowed', 'resourceLocked', 'accessDenied']).default('notAllowed'),
  /** 17: how long a notification may take, first and on later tries. */
  firstTimeoutMs: z.number().positive().default(3000),
  retryTimeoutMs: z.number().positive().default(10_000),
  /** 18: how long notifications to a slow endpoint wait, and how long a dropping one gets none. */
  slowDelayMs: z.number().nonnegative().default(600_000),
  /** How many answers of a host are needed before it is called slow. */
  slowAfter: z.number().positive().default(20),
  /** 19: an expiry beyond the maximum. */
  expiryAboveMaximum: z.enum(['refuse', 'cap']).default('refuse'),
  /** 20: a subscription without clientState. */
  clientState: z.enum(['optional', 'required']).default('optional'),
  /** 21: the same resource and changeType again. */
  duplicateSubscription: z.enum(['refuse', 'allow']).default('refuse'),
  /** 22: whether a renewal asks the notificationUrl again. */
  validateOnRenewal: z.boolean().default(false),
  /** 23: status of a batch with a throttled member. */
  throttledBatch: z.union([z.literal(200), z.literal(424)]).default(200),
  /** 25: application permission for an upload session. */
  uploadSessionRole: z.enum(['either', 'sites']).default('either'),
  /** 26: subscriptions with Sites.Selected. */
  selectedSubscriptions: z.enum(['allow', 'refuse']).default('allow'),
  /** 28: the characters # and % in names. */
  hashInNames: z.enum(['allow', 'refuse']).default('allow'),
  /** A bearer token at a pre-authenticated address: rclone sends one to upload sessions, and the real service bears it. */
  tokenAtPreauthenticated: z.enum(['ignore', 'refuse']).default('ignore'),
  /** How long changes are collected before a notification goes out; tens of seconds on the real service. */
  notificationDebounceMs: z.number().nonnegative().default(200),
  /** First pause before a failed notification is tried again; it doubles for up to four hours. */
  retryPauseMs: z.number().positive().default(5000),
  /** The search index lags behind by this much. */
  indexDelayMs: z.number().nonnegative().default(0),
  /** How long a copy takes. */
  copyMs: z.number().nonnegative().default(300),
  /** SharePoint rewrites uploaded Office files, so size and hash differ from what was sent. */
  rewriteOffice: z.boolean().default(false),
  /** Rows for what lies in a deleted folder, too. */
  deletedDescendants: z.boolean().default(false),
  /** Usage reports show hashes in place of names. */
  concealedNames: z.boolean().default(false),
});

export type Switches = z.infer<typeof switchesSchema>;
