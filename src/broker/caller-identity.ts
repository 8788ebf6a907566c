/** Who asks, after it has proved it. Each kind has names of its own, so that no name of one can pass for another's. */
export type CallerIdentity =
  | { readonly kind: 'api_key'; readonly id: string; readonly name: string }
  | {
      readonly kind: 'oidc';
      readonly issuer: string;
      readonly subject: string;
      readonly claims: Readonly<Record<string, unknown>>;
      /** The token that proved it, where there was one. */
      readonly proof?: CallerProof | undefined;
    };

export interface CallerProof {
  /** SHA-256 of the token, hex. */
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** One text for each caller that there can be. */
export function callerKey(caller: CallerIdentity): string {
  return caller.kind === 'api_key'
    ? `api_key ${caller.id}`
    : JSON.stringify(['oidc', caller.issuer, caller.subject]);
}

/** A claim as a policy compares it: tokens carry numbers and booleans too; a list or an object equals nothing. */
export function claimText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
