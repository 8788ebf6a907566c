import { z } from 'zod';

const separators = /([/:])/;

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export type ProxyMethod = (typeof methods)[number];

/** Which calls of Graph one rule of a policy lets through. */
export const proxyRuleSchema = z.strictObject({
  methods: z.array(z.enum(methods)).min(1).max(methods.length),
  path: z
    .string()
    .max(512)
    .regex(/^\/[^?\\%]+$/, 'must begin with / and hold no query and nothing percent-encoded')
    .refine(hasWholeStars, '* stands for one whole part, and ** only for the end')
    .refine((path) => !/\/\.{0,2}(\/|:|$)/.test(path), 'has an empty part, . or ..')
    .describe('Below /v1.0. * is one part between / or :, ** at the end is everything below'),
  expand: z.boolean().optional().describe('Lets $expand through, which reads what lies behind the path too'),
  downloads: z
    .boolean()
    .optional()
    .describe(
      'Leaves download and upload addresses in answers; whoever has one reads or writes the file without any token',
    ),
  beta: z.boolean().optional().describe('Lets the same call through under /graph/beta too'),
});

export type ProxyRule = z.output<typeof proxyRuleSchema>;

/** One call, its path decoded. */
export interface ProxyRequest {
  readonly method: string;
  /** Below /v1.0, every part percent-decoded, so that no spelling escapes a rule. */
  readonly path: string;
  readonly expands: boolean;
  readonly beta?: boolean;
}

/** The first rule that lets the call through. */
export function ruleFor(rules: readonly ProxyRule[], request: ProxyRequest): ProxyRule | undefined {
  return rules.find(
    (rule) =>
      rule.methods.some((method) => method === request.method) &&
      (!request.expands || rule.expand === true) &&
      (!request.beta || rule.beta === true) &&
      matchesPath(rule.path, request.path),
  );
}

/** `*` fits one whole part between `/` and `:`, never an empty one; letter case counts. */
function matchesPath(pattern: string, path: string): boolean {
  const open = pattern.endsWith('**');
  const wanted = (open ? pattern.slice(0, -2) : pattern).split(separators);
  const given = path.split(separators);
  if (open) {
    // What ends in a separator has an empty last part: there the open end begins, and something must be there.
    wanted.pop();
    if (given.slice(wanted.length).join('') === '') return false;
  } else if (wanted.length !== given.length) return false;
  return wanted.every((part, index) => (part === '*' ? given[index] !== '' : part === given[index]));
}

function hasWholeStars(path: string): boolean {
  const parts = path.split(separators);
  return parts.every(
    (part, index) => !part.includes('*') || part === '*' || (part === '**' && index === parts.length - 1),
  );
}
