/** What a caller asks of a connection. */
export interface TokenRequest {
  /** `con_…` id; aliases are resolved before. */
  readonly connectionId: string;
  /** Identifier of the API; `https://graph.microsoft.com` unless given. */
  readonly resource?: string | undefined;
  /** Delegated scopes or app roles, short (`Files.Read`) or with the resource in front. Default: all that the connection holds. */
  readonly scopes?: readonly string[] | undefined;
  /** Seconds that the token must still live. */
  readonly minTtl?: number | undefined;
  /** A claims challenge (JSON text) to pass on to Entra. Caches are skipped. */
  readonly claims?: string | undefined;
  /** Ask Entra even when a cached token would do. */
  readonly forceRefresh?: boolean | undefined;
}

/** An access token that was compared with the connection it was asked of. */
export interface IssuedToken {
  readonly accessToken: string;
  /** Its SHA-256 in hex, by which the audit names it. */
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** What the token really carries (scopes or roles, short form): Entra may give more than was asked. */
  readonly scopes: readonly string[];
  readonly tenantId: string;
  readonly objectId: string;
  readonly source: 'memory' | 'store' | 'entra';
  /** A newer one was due and could not be had; this one is still good. */
  readonly stale?: true;
}

/** The resource of Microsoft Graph, whatever address this installation reaches it at. */
export const graphResource = 'https://graph.microsoft.com';
