import { type HierarchyRectangularNode, hierarchy, treemap } from 'd3-hierarchy';
import { html } from 'hono/html';
import { amountText, shareText } from '../figure-text.ts';
import { visibleText } from '../visible-text.ts';
import { fitText, textWidth } from './fit-text.ts';
import type { TreemapGroup } from './fold-treemap.ts';
import { type Markup, round, type SvgFrame, svg } from './svg.ts';

interface Node {
  readonly label: string;
  readonly value?: number;
  readonly children?: readonly Node[];
}

const header = 20;
/** Bold letters of 13 pixels are as wide as these. */
const boldSize = 14.5;

/** Areas of two levels; names stand where they fit, and what every area is shows when one points at it. */
export function treemapSvg(groups: readonly TreemapGroup[], unit: string, frame: SvgFrame): Markup {
  const nested = groups.length > 1;
  const data: Node = { label: '', children: groups.map(({ label, cells }) => ({ label, children: cells })) };
  const root = hierarchy<Node>(data, ({ children }) => (children ? [...children] : undefined)).sum(
    ({ value, children }) => (children ? 0 : (value ?? 0)),
  );
  const laid = treemap<Node>()
    .size([frame.width, frame.height])
    .round(true)
    .paddingInner((node) => (node.depth === 0 ? 4 : 1))
    .paddingTop((node) => (node.depth === 1 && nested && node.y1 - node.y0 > 2 * header ? header : 0))(root);
  const total = laid.value ?? 0;
  const inner = (laid.children ?? []).map((group, index) => {
    const look = `g${groups[index]?.folded ? 7 : index % 7}`;
    return html`<g class="${look}">${groupName(group, nested)}${(group.children ?? []).map((cell) =>
      area(cell, { unit, total, within: nested ? group.data.label : '' }),
    )}</g>`;
  });
  return svg(frame, 'tree', inner);
}

function groupName(group: HierarchyRectangularNode<Node>, nested: boolean): Markup {
  const shown = nested && group.y1 - group.y0 > 2 * header;
  const name = shown ? fitText(visibleText(group.data.label), group.x1 - group.x0 - 6, boldSize) : '';
  return name === ''
    ? html``
    : html`<text class="gn" x="${group.x0 + 1}" y="${group.y0 + 14}">${name}</text>`;
}

interface Whole {
  readonly unit: string;
  readonly total: number;
  readonly within: string;
}

function area(cell: HierarchyRectangularNode<Node>, { unit, total, within }: Whole): Markup {
  const width = cell.x1 - cell.x0;
  const height = cell.y1 - cell.y0;
  if (width <= 0 || height <= 0) return html``;
  const label = visibleText(cell.data.label);
  const value = amountText(cell.value ?? 0, unit);
  const place = within === '' ? label : `${visibleText(within)} › ${label}`;
  const name = height >= 20 && width >= 34 ? fitText(label, width - 12, 12) : '';
  // A number that was cut would be another number.
  const amount = name !== '' && height >= 38 && textWidth(value, 12) <= width - 8 ? value : '';
  return html`<g><title>${`${place}: ${value} (${shareText(cell.value ?? 0, total)})`}</title><rect x="${round(cell.x0)}" y="${round(cell.y0)}" width="${round(width)}" height="${round(height)}" rx="2"/>${
    name === '' ? '' : html`<text x="${cell.x0 + 6}" y="${cell.y0 + 15}">${name}</text>`
  }${amount === '' ? '' : html`<text class="am" x="${cell.x0 + 6}" y="${cell.y0 + 31}">${amount}</text>`}</g>`;
}
