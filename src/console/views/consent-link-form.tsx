import { defaultPermissions, offeredPermissions, permissionWords } from '../words/permission-words.ts';
import type { View } from './view.ts';

/** What was typed, so that a form that was refused loses nothing. */
export interface ConsentLinkFormValues {
  readonly alias: string;
  readonly permissions: readonly string[];
  readonly otherPermissions: string;
  readonly tenantId: string;
  readonly note: string;
  readonly expiresInHours: string;
}

export type ConsentLinkFormProblems = Readonly<Partial<Record<keyof ConsentLinkFormValues, string>>>;

export const emptyConsentLinkForm: ConsentLinkFormValues = {
  alias: '',
  permissions: defaultPermissions,
  otherPermissions: '',
  tenantId: '',
  note: '',
  expiresInHours: '72',
};

const expiries = [
  { hours: '24', words: '1 day' },
  { hours: '72', words: '3 days' },
  { hours: '168', words: '7 days' },
] as const;

/** The name of the tick of one permission: each has its own, so that no name comes twice in a form. */
export function permissionField(permission: string): string {
  return `permission_${permission}`;
}

/** Makes a one-time link for an administrator of an organisation. */
export function ConsentLinkForm(props: {
  readonly csrf: string;
  readonly values?: ConsentLinkFormValues;
  readonly problems?: ConsentLinkFormProblems;
}): View {
  const { csrf, values = emptyConsentLinkForm, problems = {} } = props;
  return (
    <form class="form" method="post" action="/consent-links">
      <input type="hidden" name="csrf" value={csrf} />
      <div class="pair">
        <TextField
          name="alias"
          label="Name of the connection"
          hint="Callers use it as audience: such as contoso or contoso-files."
          value={values.alias}
          problem={problems.alias}
          required
        />
        <TextField
          name="tenantId"
          label="Only for this tenant"
          hint="Its tenant id. Leave it empty to accept the organisation of whoever approves."
          value={values.tenantId}
          problem={problems.tenantId}
        />
      </div>
      <fieldset>
        <legend>Permissions that the administrator is asked for</legend>
        <div class="choices">
          {offeredPermissions.map((name) => (
            <PermissionChoice name={name} checked={values.permissions.includes(name)} />
          ))}
        </div>
        {problems.permissions && (
          <p class="problem field" id="permissions-problem">
            {problems.permissions}
          </p>
        )}
      </fieldset>
      <div class="pair">
        <TextField
          name="otherPermissions"
          label="Other application permissions"
          hint="Names as Microsoft Graph has them, separated by spaces or commas."
          value={values.otherPermissions}
          problem={problems.otherPermissions}
        />
        <TextField
          name="note"
          label="Why it is needed"
          hint="The administrator reads this on the page."
          value={values.note}
          problem={problems.note}
        />
      </div>
      <fieldset>
        <legend>The link works for</legend>
        <div class="choices row">
          {expiries.map(({ hours, words }) => (
            <label class="choice">
              <input
                type="radio"
                name="expiresInHours"
                value={hours}
                checked={values.expiresInHours === hours}
              />
              {words}
            </label>
          ))}
        </div>
        {problems.expiresInHours && <p class="problem field">{problems.expiresInHours}</p>}
      </fieldset>
      <div class="actions">
        <button type="submit">Make a consent link</button>
        <span class="small muted">The link is shown once, on the next page.</span>
      </div>
    </form>
  );
}

function PermissionChoice({ name, checked }: { name: string; checked: boolean }): View {
  return (
    <label class="choice">
      <input type="checkbox" name={permissionField(name)} value="yes" checked={checked} />
      <span>
        {permissionWords(name).allows}
        <span class="raw">{name}</span>
      </span>
    </label>
  );
}

function TextField(props: {
  readonly name: keyof ConsentLinkFormValues;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly problem: string | undefined;
  readonly required?: boolean;
}): View {
  const { name, label, hint, value, problem, required = false } = props;
  const described = problem ? `${name}-problem ${name}-hint` : `${name}-hint`;
  return (
    <div class="field">
      <label for={name}>
        {label} {!required && <span class="optional">(optional)</span>}
      </label>
      <input
        id={name}
        name={name}
        type="text"
        value={value}
        required={required}
        autocomplete="off"
        spellcheck={false}
        aria-describedby={described}
        aria-invalid={problem ? 'true' : undefined}
      />
      {problem && (
        <p class="problem" id={`${name}-problem`}>
          {problem}
        </p>
      )}
      <p class="hint" id={`${name}-hint`}>
        {hint}
      </p>
    </div>
  );
}
