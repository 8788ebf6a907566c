import { z } from 'zod';
import { requireAlias } from '../../broker/alias.ts';
import { isAppError } from '../../errors.ts';
import {
  type ConsentLinkFormProblems,
  type ConsentLinkFormValues,
  permissionField,
} from '../views/consent-link-form.tsx';
import { offeredPermissions } from '../words/permission-words.ts';

/** What a filled-in form asks for. */
export interface ConsentLinkInput {
  readonly alias: string;
  readonly permissions: readonly string[];
  readonly tenantId: string | undefined;
  readonly note: string | undefined;
  readonly expiresInHours: number;
}

const alias = z.string().superRefine((text, context) => {
  if (text === '') return void context.addIssue('Give it a name.');
  try {
    requireAlias(text);
  } catch (error) {
    if (!isAppError(error)) throw error;
    context.addIssue(error.message);
  }
});
const tenantId = z.union([
  z.literal(''),
  z.guid('This is not a tenant id: it is a GUID, as Microsoft Entra shows it.'),
]);
const note = z.string().max(300, 'At most 300 characters.');
const expiresInHours = z.enum(['24', '72', '168'], 'Choose one of the three.');
const permission = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)+$/, 'A permission looks like Files.Read.All.')
  .max(100, 'A permission has at most 100 characters.');

/** The form as it was sent. */
export function formValues(form: URLSearchParams): ConsentLinkFormValues {
  const text = (name: string) => (form.get(name) ?? '').trim();
  return {
    alias: text('alias').toLowerCase(),
    permissions: offeredPermissions.filter((name) => form.get(permissionField(name)) === 'yes'),
    otherPermissions: text('otherPermissions'),
    tenantId: text('tenantId').toLowerCase(),
    note: text('note'),
    expiresInHours: text('expiresInHours') || '72',
  };
}

/** What the form asks for, or one sentence for each field that is not right. */
export function checkForm(
  values: ConsentLinkFormValues,
): { readonly input: ConsentLinkInput } | { readonly problems: ConsentLinkFormProblems } {
  const others = values.otherPermissions.split(/[\s,;]+/).filter(Boolean);
  const permissions = [...new Set([...values.permissions, ...others])];
  const problems: Record<string, string> = {};
  const check = (field: keyof ConsentLinkFormValues, schema: z.ZodType, value: unknown) => {
    const message = schema.safeParse(value).error?.issues[0]?.message;
    if (message) problems[field] = message;
  };
  check('alias', alias, values.alias);
  check('tenantId', tenantId, values.tenantId);
  check('note', note, values.note);
  check('expiresInHours', expiresInHours, values.expiresInHours);
  check('otherPermissions', z.array(permission), others);
  check(
    'permissions',
    z.array(z.string()).min(1, 'Tick at least one permission.').max(30, 'At most 30 permissions.'),
    permissions,
  );
  if (Object.keys(problems).length > 0) return { problems };
  return {
    input: {
      alias: values.alias,
      permissions,
      tenantId: values.tenantId || undefined,
      note: values.note || undefined,
      expiresInHours: Number(values.expiresInHours),
    },
  };
}
