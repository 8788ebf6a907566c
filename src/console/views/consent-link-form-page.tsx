import {
  ConsentLinkForm,
  type ConsentLinkFormProblems,
  type ConsentLinkFormValues,
} from './consent-link-form.tsx';
import { type Frame, Layout } from './layout.tsx';
import type { View } from './view.ts';

export const formTitle = 'Make a consent link';

const fieldNames: Readonly<Record<keyof ConsentLinkFormValues, string>> = {
  alias: 'Name of the connection',
  permissions: 'Permissions',
  otherPermissions: 'Other application permissions',
  tenantId: 'Only for this tenant',
  note: 'Why it is needed',
  expiresInHours: 'The link works for',
};

/** The form again, with what was typed and what has to be put right. */
export function ConsentLinkFormPage(props: {
  readonly frame: Frame;
  readonly csrf: string;
  readonly values: ConsentLinkFormValues;
  readonly problems: ConsentLinkFormProblems;
  /** A problem of the whole form. */
  readonly message?: string | undefined;
}): View {
  const { frame, csrf, values, problems, message } = props;
  const wrong = Object.entries(problems) as [keyof ConsentLinkFormValues, string][];
  return (
    <Layout frame={frame}>
      <div class="stack loose">
        <h1>{formTitle}</h1>
        <div class="notice bad" role="alert">
          <p>
            <strong>No link was made.</strong> {message ?? 'Please put this right and try again:'}
          </p>
          {wrong.length > 0 && (
            <ul>
              {wrong.map(([field, problem]) => (
                <li>
                  {fieldNames[field]}: {problem}
                </li>
              ))}
            </ul>
          )}
        </div>
        <div class="card">
          <div class="card-body">
            <ConsentLinkForm csrf={csrf} values={values} problems={problems} />
          </div>
        </div>
        <div class="actions">
          <a class="button quiet" href="/">
            Back to the overview
          </a>
        </div>
      </div>
    </Layout>
  );
}
