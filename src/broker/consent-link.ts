import { z } from 'zod';

/**
 * `open`: waits for an administrator. `proving`: Microsoft said yes, a token has yet to show it. `connected`: shown.
 * `refused`: it never showed, or something else stood against it. `expired`: nobody came in time.
 */
export type ConsentLinkStatus = 'open' | 'proving' | 'connected' | 'refused' | 'expired';

/** A one-time link for an administrator, as lists show it. The address itself is given once, when it is made. */
export interface ConsentLink {
  /** `lnk_…` */
  readonly id: string;
  /** Alias that the connection gets. */
  readonly alias: string;
  /** App roles that the tenant must grant. */
  readonly permissions: readonly string[];
  /** The only tenant that may use the link, where it is tied to one. */
  readonly tenantId?: string | undefined;
  readonly note?: string | undefined;
  readonly status: ConsentLinkStatus;
  /** Why it was refused, or what the last try came to. */
  readonly reason?: { readonly code: string; readonly message: string } | undefined;
  readonly connectionId?: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly createdBy: string;
}

export interface NewConsentLink {
  readonly alias: string;
  readonly permissions: readonly string[];
  readonly tenantId?: string | undefined;
  readonly note?: string | undefined;
  /** 72 unless given; at most 720. */
  readonly expiresInHours?: number | undefined;
  /** Object id of the administrator of this installation. */
  readonly createdBy: string;
}

/** What the page behind a link shows. */
export interface ConsentPage {
  readonly link: ConsentLink;
  /** Only the page holds it: `GET /consent/{ticket}/continue?key=…`. Undefined when the link can't be used any more. */
  readonly key: string | undefined;
}

/** What came of the way back from Microsoft. */
export interface ConsentOutcome {
  readonly status: 'connected' | 'proving' | 'declined' | 'refused';
  /** A sentence for the administrator who is reading it; never Microsoft's own text. */
  readonly message: string;
  readonly link: ConsentLink;
}

/** Message of the queue `consents`: prove once more. */
export const consentMessage = z.object({ link: z.string(), attempt: z.number().int().min(1) });
export type ConsentMessage = z.infer<typeof consentMessage>;

export interface ConsentLinks {
  create(link: NewConsentLink): Promise<{ id: string; url: string }>;
  /** Newest first. */
  list(): Promise<ConsentLink[]>;
  /** Spends nothing. Throws `not_found` for an unknown ticket. */
  view(ticket: string): Promise<ConsentPage>;
  /** Microsoft's admin consent address. Throws `not_found`, `gone`, `forbidden` (wrong key). */
  begin(ticket: string, key: string): Promise<string>;
  /** Takes the query of `GET /consent/callback`. Throws `flow_mismatch` or `flow_expired` for a state that is not (or no longer) ours. */
  finish(query: URLSearchParams): Promise<ConsentOutcome>;
  /** One more try to prove, by a message of the queue `consents`. */
  prove(message: ConsentMessage): Promise<void>;
}
