import type { Value } from '../report.ts';
import type { ReportResult } from '../result.ts';
import { gatherText } from './gather-text.ts';
import type { Renderer } from './renderer.ts';

/** One object per line and row (UTF-8, LF), named by the columns. Times are ISO 8601 in UTC. */
export const jsonl: Renderer = {
  format: 'jsonl',
  contentType: 'application/x-ndjson',
  extension: 'jsonl',
  render: (result) => gatherText(lines(result)),
};

async function* lines({ columns, rows }: ReportResult): AsyncGenerator<string> {
  const names = columns.map(({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  for await (const batch of rows()) {
    let text = '';
    for (const row of batch) {
      names.forEach((name, index) => {
        text += name + json(row[index] ?? null);
      });
      text += '}\n';
    }
    yield text;
  }
}

/** A lone half of a surrogate pair, which a file's name may hold, is escaped: the line stays valid UTF-8. */
function json(value: Value): string {
  return JSON.stringify(value);
}
