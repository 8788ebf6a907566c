import type { Exchange } from '../../http/route.ts';
import { faults } from '../errors.ts';

/** OData options of a request; names are accepted with and without `$`. */
export interface QueryOptions {
  readonly select: readonly string[] | undefined;
  readonly expand: readonly string[];
  readonly top: number | undefined;
  readonly orderBy: { readonly property: string; readonly descending: boolean } | undefined;
  readonly filter: string | undefined;
  readonly search: string | undefined;
  readonly count: boolean;
  readonly skipToken: string | undefined;
}

export function queryOptions({ query }: Exchange): QueryOptions {
  const get = (name: string): string | undefined => {
    for (const [key, value] of query) {
      if (key.toLowerCase() === `$${name}` || key.toLowerCase() === name) return value;
    }
    return undefined;
  };
  const top = get('top');
  if (top !== undefined && !/^\d+$/.test(top)) {
    throw faults.badRequest(`Invalid value '${top}' for $top query option found.`, 'invalidQueryOption');
  }
  if (get('skip') !== undefined) {
    throw faults.badRequest('$skip is not supported on this API.', 'invalidQueryOption');
  }
  const order = get('orderby')?.trim().split(/\s+/);
  return {
    select: list(get('select')),
    expand: splitOutside(get('expand') ?? ''),
    top: top === undefined ? undefined : Number(top),
    orderBy: order?.[0] ? { property: order[0], descending: order[1]?.toLowerCase() === 'desc' } : undefined,
    filter: get('filter'),
    search: get('search'),
    count: get('count')?.toLowerCase() === 'true',
    skipToken: get('skiptoken'),
  };
}

function list(value: string | undefined): string[] | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  return value.split(',').map((name) => name.trim());
}

/** Splits at commas that stand outside parentheses: `listItem($expand=fields),children`. */
function splitOutside(value: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const character of value) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else part += character;
  }
  parts.push(part.trim());
  return parts.filter((entry) => entry !== '');
}
