import type { Application } from '../../directory/types.ts';
import type { Exchange } from '../../http/route.ts';
import { Refusal } from '../aadsts.ts';
import type { ClientProof } from '../access-tokens.ts';
import type { Authority } from '../authority.ts';
import type { Consent } from '../consent.ts';
import type { IdentityWorld } from '../identity-world.ts';
import type { AnswerUser } from '../issue-answer.ts';
import type { SealedGrants } from '../sealed-grants.ts';
import type { DeviceCodes } from '../sign-in/device-codes.ts';

/** A token request whose client is known. */
export interface GrantRequest {
  readonly exchange: Exchange;
  readonly form: URLSearchParams;
  readonly authority: Authority;
  readonly app: Application;
  /** The scope parameter, or what the v1 `resource` parameter stands for. */
  readonly scope: string;
  /** Proves the client, as far as the grant needs it. */
  authenticate(options: { readonly publicAllowed: boolean }): Promise<ClientProof>;
}

export interface GrantParts {
  readonly world: IdentityWorld;
  readonly consent: Consent;
  readonly grants: SealedGrants;
  readonly devices: DeviceCodes;
  readonly answerUser: AnswerUser;
}

/** Gives the success body or throws a Refusal. */
export type Grant = (parts: GrantParts, request: GrantRequest) => Promise<Record<string, unknown>>;

/** Throws 900144 when the body lacks the parameter. */
export function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value) return value;
  throw new Refusal(
    'invalid_request',
    900144,
    `The request body must contain the following parameter: '${name}'.`,
  );
}

/** Throws 9002313 for a claims parameter that is no JSON object. */
export function checkClaims(claims: string | null): void {
  if (claims === null || claims === '') return;
  try {
    const read: unknown = JSON.parse(claims);
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return;
  } catch {
    // Told below, like JSON that is no object.
  }
  throw new Refusal(
    'invalid_request',
    9002313,
    'Invalid request. Request is malformed or invalid: the claims parameter is no JSON object.',
  );
}

/** True when a claims parameter declares the client capability cp1. */
export function isCapable(claims: string | null): boolean {
  return claims !== null && /"xms_cc"/.test(claims) && /cp1/i.test(claims);
}

export function crossOrigin(origin: string): Refusal {
  return new Refusal(
    'invalid_request',
    9002326,
    `Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '${origin}'.`,
  );
}
