import { type Parameter, parametersOf } from '../../reports/parameters.ts';
import { formats } from '../../reports/render/renderer.ts';
import type { Report } from '../../reports/report.ts';

/** The form as it was filled in, by the names of its fields. */
export type JobFormValues = Readonly<Record<string, string>>;

export const targetFields: Readonly<Record<string, string>> = {
  drive: 'driveId',
  user: 'user',
  site: 'site',
  group: 'group',
};

/** The name of the field of a parameter. */
export function parameterField(name: string): string {
  return `parameter_${name}`;
}

export function outputField(format: string): string {
  return `output_${format}`;
}

/** What the form begins with. */
export function freshJobForm(report: Report, connection: string): JobFormValues {
  return {
    name: report.name,
    connection,
    targetKind: 'user',
    targetOf: 'me',
    cron: '0 6 * * 1',
    timeZone: 'UTC',
    overlap: 'skip',
    [outputField('html')]: 'yes',
    [outputField('csv')]: 'yes',
    ...Object.fromEntries(
      parametersOf(report).map((each) => [parameterField(each.name), textOf(each.default)]),
    ),
  };
}

/** The definition that a form means, as a person would have written it: what is wrong with it is found where any definition is checked. */
export function definitionOf(report: Report, values: JobFormValues): Record<string, unknown> {
  const { targetKind = '', targetOf = '', folder = '', driveId = '', mailTo = '', mailFrom = '' } = values;
  const field = targetFields[targetKind];
  const recipients = mailTo.split(/[\s,;]+/).filter(Boolean);
  return {
    report: report.name,
    parameters: Object.fromEntries(parametersOf(report).flatMap((each) => parameterOf(each, values))),
    target: { kind: targetKind, ...(field === undefined ? {} : { [field]: targetOf }) },
    connection: values.connection ?? '',
    schedule: { cron: values.cron ?? '', timeZone: values.timeZone || 'UTC' },
    outputs: formats.filter((format) => values[outputField(format)] === 'yes'),
    deliveries: [
      ...(driveId === '' ? [] : [{ kind: 'drive', driveId, folder: folder || '/Reports' }]),
      ...(recipients.length === 0
        ? []
        : [{ kind: 'mail', to: recipients, ...(mailFrom === '' ? {} : { from: mailFrom }) }]),
    ],
    overlap: values.overlap ?? 'skip',
  };
}

/** The field that a problem belongs to; undefined for those that are told above the form. */
export function fieldOf(path: string): string | undefined {
  const [first = '', second = '', third = ''] = path.split('.');
  if (first === 'parameters') return parameterField(second);
  if (first === 'schedule') return second;
  if (first === 'target') return second === 'kind' ? 'targetKind' : 'targetOf';
  if (first === 'deliveries')
    return third === 'to' ? 'mailTo' : third === 'from' ? 'mailFrom' : third || undefined;
  return ['name', 'connection', 'outputs', 'overlap'].includes(first) ? first : undefined;
}

/** What a parameter's text means by its schema; an empty one is left to its default. */
function parameterOf({ name, schema }: Parameter, values: JobFormValues): [string, unknown][] {
  const text = values[parameterField(name)] ?? '';
  if (schema.type === 'boolean') return [[name, text === 'yes']];
  if (text.trim() === '') return [];
  if (schema.type === 'array') return [[name, text.split(/[\s,;]+/).filter(Boolean)]];
  if (schema.type === 'integer' || schema.type === 'number') return [[name, Number(text)]];
  return [[name, text]];
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(String).join(', ');
  return typeof value === 'boolean' ? (value ? 'yes' : '') : String(value);
}
