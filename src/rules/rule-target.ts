import { z } from 'zod';

const members = ['driveId', 'user', 'site'] as const;

const named = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('drive'), driveId: z.string().min(1).max(200) }),
    z.strictObject({ kind: z.literal('user'), user: z.string().min(1).max(200) }),
    z.strictObject({ kind: z.literal('site'), site: z.string().min(1).max(400) }),
  ],
  'must name one of driveId, user or site',
);

/** The drive whose files a rule looks at; `kind` may be left out, because the other member says it too. */
export const ruleTarget = z.preprocess(withKind, named);
export type RuleTarget = z.infer<typeof ruleTarget>;

function withKind(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || 'kind' in given) return given;
  const member = members.find((name) => name in given);
  return member === undefined ? given : { kind: member === 'driveId' ? 'drive' : member, ...given };
}

/** "OneDrive of anna@contoso.com", as far as the rule itself says it. */
export function targetWords(target: RuleTarget, driveName: string): string {
  if (target.kind === 'user') return `OneDrive of ${target.user}`;
  return target.kind === 'site' ? `site ${target.site}` : driveName;
}
