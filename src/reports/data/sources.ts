/** A drive that a run looked at. Times of all rows are milliseconds since 1970; sizes are bytes. */
export interface DriveRow {
  readonly driveId: string;
  readonly name?: string | null | undefined;
  readonly kind?: string | null | undefined;
  readonly ownerId?: string | null | undefined;
  readonly ownerName?: string | null | undefined;
  readonly ownerMail?: string | null | undefined;
  readonly siteName?: string | null | undefined;
  readonly webUrl?: string | null | undefined;
  readonly quotaTotal?: number | null | undefined;
  readonly quotaUsed?: number | null | undefined;
  readonly quotaDeleted?: number | null | undefined;
  readonly quotaState?: string | null | undefined;
  readonly readAt?: number | null | undefined;
  /** When the inventory before was read; ages of the last run are counted from it. */
  readonly previousReadAt?: number | null | undefined;
  readonly outcome: 'read' | 'denied' | 'skipped';
  readonly reason?: string | null | undefined;
}

export interface PersonRow {
  readonly id: string;
  readonly name?: string | null;
  readonly mail?: string | null;
  readonly enabled?: boolean | null;
  readonly guest?: boolean | null;
  readonly createdAt?: number | null;
  readonly lastSignIn?: number | null;
}

/** A Microsoft 365 group; a deleted one can be restored for 30 days. */
export interface GroupRow {
  readonly id: string;
  readonly name?: string | null;
  readonly mail?: string | null;
  readonly driveId?: string | null;
  readonly ownerCount?: number | null;
  readonly memberCount?: number | null;
  readonly deletedAt?: number | null;
}

/** A secret or certificate of an app. */
export interface AppRow {
  readonly appId: string;
  readonly name?: string | null;
  readonly credentialKind?: string | null;
  readonly credentialId?: string | null;
  readonly expiresAt?: number | null;
}

export interface SubscriptionRow {
  readonly subscriptionId: string;
  readonly driveId?: string | null;
  readonly state?: string | null;
  readonly expiresAt?: number | null;
  readonly lastTapAt?: number | null;
  readonly lastReadAt?: number | null;
  readonly missedTaps?: number | null;
}

export interface RuleRow {
  readonly name: string;
  readonly state?: string | null;
  readonly lastRunAt?: number | null;
  readonly operations?: number | null;
  readonly failures?: number | null;
  readonly quarantined?: number | null;
}

export interface BudgetRow {
  readonly tenantId: string;
  readonly unitsUsed?: number | null;
  readonly unitsAllowed?: number | null;
  readonly throttled?: number | null;
  readonly pausedUntil?: number | null;
}

/** The totals of an earlier run, as its result gave them. */
export interface PastRun {
  readonly at: number;
  readonly totals: Readonly<Record<string, number | null>>;
}

/** What a report is made of. Files are Parquet on this machine. */
export interface ReportSources {
  /** Inventories of the drives, each in the order of its paths. */
  readonly items?: readonly string[];
  /** Earlier inventories of the same drives. */
  readonly previous?: readonly string[];
  readonly permissions?: readonly string[];
  readonly versions?: readonly string[];
  readonly drives?: readonly DriveRow[];
  /** The same drives at earlier times, for forecasts. */
  readonly driveHistory?: readonly DriveRow[];
  readonly people?: readonly PersonRow[];
  readonly groups?: readonly GroupRow[];
  readonly apps?: readonly AppRow[];
  readonly subscriptions?: readonly SubscriptionRow[];
  readonly rules?: readonly RuleRow[];
  readonly budgets?: readonly BudgetRow[];
  /** Totals of earlier runs of this report, oldest first: charts over time are made of them. */
  readonly history?: readonly PastRun[];
  /** What `parquet` rendered of this report's last run: changes are told against it. */
  readonly lastRun?: string;
  /** What could not be read, in sentences that the report shows. */
  readonly notes?: readonly string[];
}
