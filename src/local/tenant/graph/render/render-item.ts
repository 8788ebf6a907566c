import type { ItemRecord } from '../drives/item-record.ts';
import { defaultFields, type ItemField, selectableFields } from './item-fields.ts';
import type { ItemView } from './item-view.ts';

/** Writes items as JSON; built once per answer, as a page may have hundreds of them. */
export type ItemWriter = (record: ItemRecord, more?: string) => string;

/** `select` holds property names in any case; unknown ones are ignored, as the service does. */
export function createItemWriter(view: ItemView, select: readonly string[] | undefined): ItemWriter {
  const fields: [string, ItemField][] = select ? selected(select) : Object.entries(defaultFields);
  const prepared = fields.map(([name, field]) => ({ first: `{"${name}":`, next: `,"${name}":`, field }));
  return (record, more) => {
    let json = '';
    for (const { first, next, field } of prepared) {
      const value = field(record, view);
      if (value !== undefined) json += (json === '' ? first : next) + value;
    }
    if (more) json += (json === '' ? '{' : ',') + more;
    return json === '' ? '{}' : `${json}}`;
  };
}

function selected(select: readonly string[]): [string, ItemField][] {
  const wanted = new Set(select.map((name) => name.toLowerCase()));
  // The marks of a row come along whatever was selected: without them a delta reader couldn't work.
  for (const name of ['id', 'deleted', 'root']) if (wanted.size > 0) wanted.add(name);
  return Object.entries({ ...defaultFields, ...selectableFields }).filter(([name]) =>
    wanted.has(name.toLowerCase()),
  );
}
