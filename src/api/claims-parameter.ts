import { z } from 'zod';

/**
 * A claims challenge: the JSON that Entra wants, or that JSON in base64 as the `WWW-Authenticate` header of an API carries
 * it. The output is the JSON.
 */
export const claimsParameter = z
  .string()
  .min(1)
  .max(4_000)
  .transform((text, context) => {
    const found = asClaims(text) ?? asClaims(Buffer.from(text, 'base64').toString('utf8'));
    if (found !== undefined) return found;
    context.addIssue('is neither a claims request in JSON nor one in base64');
    return z.NEVER;
  })
  .describe('A claims challenge of the API, as it came');

/** The text, when it is a JSON object. */
function asClaims(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? text : undefined;
  } catch {
    return undefined;
  }
}
