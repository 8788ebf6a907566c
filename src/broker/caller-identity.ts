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
    }
  /** A person in the console, who may be served from their own connection only. */
  | {
      readonly kind: 'session';
      readonly tenantId: string;
      readonly objectId: string;
      readonly name: string;
      /** It is a program that they let in which asks, and not the console. */
      readonly program?: boolean;
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
  if (caller.kind === 'api_key') return `api_key ${caller.id}`;
  return caller.kind === 'session'
    ? `session ${caller.tenantId} ${caller.objectId}`
    : JSON.stringify(['oidc', caller.issuer, caller.subject]);
}

/** A claim as a policy compares it: tokens carry numbers and booleans too; a list or an object equals nothing. */
export function claimText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
