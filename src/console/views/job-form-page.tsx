import { parametersOf } from '../../reports/parameters.ts';
import { formats } from '../../reports/render/renderer.ts';
import type { Report } from '../../reports/report.ts';
import { type JobFormValues, outputField, parameterField } from '../handlers/job-form-input.ts';
import { ChoiceField, TextField } from './form-fields.tsx';
import { type Frame, Layout } from './layout.tsx';
import type { View } from './view.ts';

export const jobFormTitle = 'New job';

export interface JobFormProblems {
  /** By the name of the field. */
  readonly fields: Readonly<Record<string, string>>;
  /** Those of no field. */
  readonly others: readonly string[];
}

const targets = [
  ['user', 'The OneDrive of a person'],
  ['drive', 'One drive'],
  ['site', 'The libraries of a site'],
  ['group', 'The OneDrives of a group'],
  ['all_sites', 'All sites'],
  ['all_drives', 'All drives'],
] as const;
const overlaps = [
  ['skip', 'Skip'],
  ['queue', 'Wait, one at most'],
  ['cancel', 'Cancel the old one'],
] as const;

/** Makes a job of one kind of report; a form that was refused comes back as it was filled in. */
export function JobFormPage(props: {
  readonly frame: Frame;
  readonly csrf: string;
  readonly report: Report;
  readonly connections: readonly string[];
  readonly values: JobFormValues;
  readonly problems?: JobFormProblems;
}): View {
  const { frame, csrf, report, connections, values, problems = { fields: {}, others: [] } } = props;
  const text = (name: string, label: string, hint: string) => (
    <TextField
      name={name}
      label={label}
      hint={hint}
      value={values[name] ?? ''}
      problem={problems.fields[name]}
    />
  );
  const choice = (name: string, label: string, options: readonly (readonly [string, string])[]) => (
    <ChoiceField
      name={name}
      label={label}
      options={options}
      value={values[name] ?? ''}
      problem={problems.fields[name]}
    />
  );
  return (
    <Layout frame={frame}>
      <div class="page-head">
        <h1>{jobFormTitle}</h1>
        <p class="small">
          <a href="/jobs/new">Another report</a> · <a href="/#jobs">All jobs</a>
        </p>
      </div>
      <p>
        <strong>{report.title}.</strong> {report.summary}
      </p>
      {problems.others.map((problem) => (
        <p class="notice bad">{problem}</p>
      ))}
      <form class="form card card-body" method="post" action={`/jobs?report=${report.name}`}>
        <input type="hidden" name="csrf" value={csrf} />
        <div class="pair">
          {text('name', 'Name of the job', 'Lower-case letters, digits and hyphens.')}
          {choice(
            'connection',
            'Acts as',
            connections.map((alias) => [alias, alias] as const),
          )}
        </div>
        <div class="pair">
          {choice('targetKind', 'Reads', targets)}
          {text(
            'targetOf',
            'Which one',
            'A user name or me, the id of a drive or group, or host:/sites/name.',
          )}
        </div>
        <fieldset>
          <legend>What the report is asked</legend>
          {parametersOf(report).map((parameter) => (
            <ParameterField
              parameter={parameter}
              value={values[parameterField(parameter.name)] ?? ''}
              problem={problems.fields[parameterField(parameter.name)]}
            />
          ))}
        </fieldset>
        <div class="pair">
          {text('cron', 'When', 'Minute, hour, day, month, weekday: 0 6 * * 1 is Monday at six.')}
          {text('timeZone', 'In the time of', 'Such as Europe/London or UTC.')}
        </div>
        {choice('overlap', 'If the run before is still on its way', overlaps)}
        <fieldset>
          <legend>Files</legend>
          <div class="choices row">
            {formats.map((format) => (
              <label class="choice">
                <input
                  type="checkbox"
                  name={outputField(format)}
                  value="yes"
                  checked={values[outputField(format)] === 'yes'}
                />
                {format}
              </label>
            ))}
          </div>
          {problems.fields.outputs && <p class="problem field">{problems.fields.outputs}</p>}
        </fieldset>
        <div class="pair">
          {text('driveId', 'Put them into the drive', 'Id of the drive. Empty: they wait in the console.')}
          {text('folder', 'In the folder', 'Made when it is not there; /Reports unless you say.')}
        </div>
        <div class="pair">
          {text('mailTo', 'Mail them to', 'Addresses, separated by commas. Empty: no mail.')}
          {text('mailFrom', 'From the mailbox of', 'Needed where the connection is no person.')}
        </div>
        <div class="actions">
          <button type="submit">Make the job</button>
          <span class="small muted">It runs by its schedule; you can run it at once on the next page.</span>
        </div>
      </form>
    </Layout>
  );
}

function ParameterField(props: {
  readonly parameter: ReturnType<typeof parametersOf>[number];
  readonly value: string;
  readonly problem: string | undefined;
}): View {
  const { parameter, value, problem } = props;
  const { name, meaning, schema } = parameter;
  const field = parameterField(name);
  if (schema.type === 'boolean') {
    return (
      <label class="choice">
        <input type="checkbox" name={field} value="yes" checked={value === 'yes'} />
        <span>
          {name}
          <span class="raw">{meaning}</span>
        </span>
      </label>
    );
  }
  const options = Array.isArray(schema.enum)
    ? schema.enum.map((each) => [String(each), String(each)] as const)
    : [];
  if (options.length > 0) {
    return <ChoiceField name={field} label={name} options={options} value={value} problem={problem} />;
  }
  return (
    <TextField
      name={field}
      label={name}
      hint={meaning}
      value={value}
      problem={problem}
      long={name === 'query'}
    />
  );
}
