import type { ItemRecord } from '../drives/item-record.ts';
import { childrenOf } from '../drives/remove-item.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import type { ItemView } from './item-view.ts';
import { listItemOf } from './list-item.ts';
import { permissionsOfItem } from './permission.ts';
import { createItemWriter } from './render-item.ts';

/** JSON of the expanded relations of an item, ready to stand among its properties; '' when there are none. */
export function expansions(
  context: GraphContext,
  view: ItemView,
  record: ItemRecord,
  expand: readonly string[],
): string {
  return expand
    .map((entry) => {
      const name = entry.split('(')[0]?.trim() ?? '';
      return `${JSON.stringify(name)}:${JSON.stringify(expansion(context, view, record, name))}`;
    })
    .join(',');
}

function expansion(context: GraphContext, view: ItemView, record: ItemRecord, name: string): unknown {
  switch (name.toLowerCase()) {
    case 'children': {
      const write = createItemWriter({ ...view, mode: 'list' }, undefined);
      const children = [...childrenOf(view.drive, record.id)].slice(0, 200);
      return children.map((child) => JSON.parse(write(child)));
    }
    case 'listitem':
      return listItemOf(context, view.drive, record);
    case 'permissions':
      if (context.switches.expandPermissions === 'refuse') {
        throw faults.badRequest("The expression 'permissions' can not be expanded.", 'invalidQueryOption');
      }
      return permissionsOfItem(context, view.drive, record);
    case 'thumbnails':
      return [];
    default:
      throw faults.badRequest(`Could not find a property named '${name}' to expand.`, 'invalidQueryOption');
  }
}
