import { splitName } from './item-name.ts';

export const dateFields = ['yyyy', 'MM', 'dd'] as const;
export const nameFields = ['name', 'stem', 'extension'] as const;

const field = /\{([^{}]*)\}/g;

/** The facts that a template may use. `createdAt` in milliseconds; dates are in UTC. */
export interface TemplateFacts {
  readonly name: string;
  readonly createdAt: number;
}

/** Replaces `{yyyy}`, `{MM}`, `{dd}`, `{name}`, `{stem}` and `{extension}`; other text stays. */
export function fillTemplate(template: string, facts: TemplateFacts): string {
  const [year = '', month = '', day = ''] = new Date(facts.createdAt).toISOString().slice(0, 10).split('-');
  const { stem, extension } = splitName(facts.name);
  const values: Record<string, string> = {
    yyyy: year,
    MM: month,
    dd: day,
    name: facts.name,
    stem,
    extension,
  };
  return template.replace(field, (whole, key: string) => values[key] ?? whole);
}

/** What is wrong with a template that may use `fields`, in words; undefined when it is fine. */
export function templateProblem(template: string, fields: readonly string[]): string | undefined {
  const known = fields.map((name) => `{${name}}`).join(', ');
  for (const [whole, key = ''] of template.matchAll(field)) {
    if (!fields.includes(key)) return `uses ${whole}, which is not one of ${known}`;
  }
  return /[{}]/.test(template.replace(field, '')) ? `has a brace that is not part of ${known}` : undefined;
}

/** A filled-in example, for checks that need a concrete text. */
export function exampleOf(template: string, name = 'report.docx'): string {
  return fillTemplate(template, { name, createdAt: Date.UTC(2026, 0, 31) });
}

/** True when some date makes `segment` of a template equal to `text`. */
export function couldBecome(segment: string, text: string): boolean {
  const pattern = segment
    .split(field)
    .map((part, i) => (i % 2 === 0 ? literal(part) : part === 'yyyy' ? '\\d{4}' : '\\d{2}'))
    .join('');
  return new RegExp(`^${pattern}$`, 'i').test(text);
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
