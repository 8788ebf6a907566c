/** Numbers of the cell formats in `styles.xml`, in its order. */
export const style = {
  plain: 0,
  header: 1,
  whole: 2,
  decimal: 3,
  time: 4,
  link: 5,
  title: 6,
  bold: 7,
  wrapped: 8,
  percent: 9,
  warning: 10,
  muted: 11,
} as const;
export type Style = (typeof style)[keyof typeof style];

const formats = [
  { id: 164, code: '#,##0.0' },
  { id: 165, code: 'yyyy\\-mm\\-dd\\ hh:mm' },
  { id: 166, code: '0.0&quot; %&quot;' },
];

const font = (inner: string, size = 11) =>
  `<font>${inner.includes('<b/>') ? '<b/>' : ''}${inner.includes('<u/>') ? '<u/>' : ''}<sz val="${size}"/>${/<color[^>]*>/.exec(inner)?.[0] ?? '<color theme="1"/>'}<name val="Calibri"/><family val="2"/></font>`;

const fonts = [
  font(''),
  font('<b/><color rgb="FFFFFFFF"/>'),
  font('<u/><color rgb="FF0B57A4"/>'),
  font('<b/>', 16),
  font('<b/>'),
  font('<b/><color rgb="FF7A3E00"/>'),
  font('<color rgb="FF5A6472"/>'),
];

const fills = [
  '<fill><patternFill patternType="none"/></fill>',
  '<fill><patternFill patternType="gray125"/></fill>',
  '<fill><patternFill patternType="solid"><fgColor rgb="FF1F3A5F"/><bgColor indexed="64"/></patternFill></fill>',
  '<fill><patternFill patternType="solid"><fgColor rgb="FFFFF1D6"/><bgColor indexed="64"/></patternFill></fill>',
];

const top = '<alignment vertical="top"/>';
const wrapped = '<alignment vertical="top" wrapText="1"/>';
const cell = (number: number, fontId: number, fill: number, alignment: string) =>
  `<xf numFmtId="${number}" fontId="${fontId}" fillId="${fill}" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1">${alignment}</xf>`;

const cells = [
  cell(0, 0, 0, top),
  cell(0, 1, 2, '<alignment vertical="center" wrapText="1"/>'),
  cell(3, 0, 0, top),
  cell(164, 0, 0, top),
  cell(165, 0, 0, top),
  cell(0, 2, 0, top),
  cell(0, 3, 0, top),
  cell(0, 4, 0, top),
  cell(0, 0, 0, wrapped),
  cell(166, 0, 0, top),
  cell(0, 5, 3, wrapped),
  cell(0, 6, 0, wrapped),
];

const list = (name: string, items: readonly string[]) =>
  `<${name} count="${items.length}">${items.join('')}</${name}>`;

export const stylesXml =
  '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' +
  list(
    'numFmts',
    formats.map(({ id, code }) => `<numFmt numFmtId="${id}" formatCode="${code}"/>`),
  ) +
  list('fonts', fonts) +
  list('fills', fills) +
  list('borders', ['<border><left/><right/><top/><bottom/><diagonal/></border>']) +
  list('cellStyleXfs', ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>']) +
  list('cellXfs', cells) +
  list('cellStyles', ['<cellStyle name="Normal" xfId="0" builtinId="0"/>']) +
  '</styleSheet>';
