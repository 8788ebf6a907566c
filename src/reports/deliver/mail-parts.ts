import { html as markup } from 'hono/html';
import type { Markup } from '../render/chart/svg.ts';

/** Mail programs know tables, `bgcolor` and inline styles: no sheet, no picture, no script. Letters are dark on light, said both. */
const font = "font-family:'Segoe UI',Helvetica,Arial,sans-serif";
export const ink = '#1b2430';
const soft = '#55606e';
const rule = '#dfe4ea';

/** A row of the mail's one table. */
export function mailRow(inner: Markup | readonly Markup[]): Markup {
  return markup`<tr><td bgcolor="#ffffff" style="${font};color:${ink};font-size:15px;line-height:22px;padding:10px 24px">${inner}</td></tr>`;
}

export function mailHeader(title: string, line: string): Markup {
  return markup`<tr><td bgcolor="#1f3a5f" style="${font};color:#ffffff;padding:20px 24px"><div style="font-size:13px;line-height:18px;color:#c9d6e6">Graph Valet report</div><div style="font-size:22px;line-height:28px;font-weight:bold">${title}</div><div style="font-size:13px;line-height:18px;color:#c9d6e6">${line}</div></td></tr>`;
}

export function mailHeading(text: string): Markup {
  return markup`<div style="font-size:16px;font-weight:bold;padding:6px 0 4px">${text}</div>`;
}

export function mailHint(text: string): Markup {
  return markup`<div style="font-size:13px;line-height:19px;color:${soft}">${text}</div>`;
}

/** Words that must not be missed: a sign and a frame say so too, and not the colour alone. */
export function mailWarning(text: string, more: string): Markup {
  return markup`<div style="border:1px solid #b26a00;border-left-width:5px;background:#fff6e5;color:#5c3500;padding:8px 12px"><b>! ${text}</b>${more === '' ? '' : markup`<br>${more}`}</div>`;
}

export function mailButton(text: string, address: string): Markup {
  return markup`<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr><td bgcolor="#1f5fa8" style="border-radius:4px;padding:9px 16px"><a href="${address}" style="${font};color:#ffffff;font-size:15px;font-weight:bold;text-decoration:none">${text}</a></td></tr></table>`;
}

export interface MailCell {
  readonly text: string;
  readonly number?: boolean;
  /** Takes the room that the others leave, and breaks anywhere. */
  readonly isName?: boolean;
  /** Below the text, smaller. */
  readonly note?: string | undefined;
}

/** A table of few columns; long names break instead of making the mail wider than a phone. */
export function mailTable(heads: readonly MailCell[], rows: readonly (readonly MailCell[])[]): Markup {
  const side = ({ number }: MailCell) => (number ? 'right' : 'left');
  const look = (cell: MailCell) =>
    `border-bottom:1px solid ${rule};padding:5px ${cell.number ? 12 : 8}px 5px 0;vertical-align:top;font-size:13px;line-height:18px;${cell.number ? 'white-space:nowrap' : cell.isName ? 'overflow-wrap:anywhere' : 'overflow-wrap:break-word'}`;
  return markup`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse"><tr>${heads.map(
    (cell) =>
      markup`<td align="${side(cell)}"${cell.isName ? markup` width="50%"` : ''} style="${look(cell)};color:${soft};white-space:normal"><b>${cell.text}</b></td>`,
  )}</tr>${rows.map(
    (row) =>
      markup`<tr>${row.map((cell) => markup`<td align="${side(cell)}" style="${look(cell)};color:${ink}">${cell.text}${cell.note === undefined ? '' : markup`<div style="color:${soft};font-size:12px">${cell.note}</div>`}</td>`)}</tr>`,
  )}</table>`;
}

export interface MailBar {
  readonly label: string;
  readonly text: string;
  /** Of the longest one: 0 to 1. */
  readonly part: number;
}

/** Bars that are cells of a table: they need no picture. */
export function mailBars(bars: readonly MailBar[]): Markup {
  return markup`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">${bars.map(
    ({ label, text, part }) => {
      const width = Math.max(1, Math.round(part * 100));
      const full = markup`<td width="${width}%" bgcolor="#2f6fb7" style="font-size:1px;line-height:10px;height:10px">&nbsp;</td>`;
      const rest = width < 100 ? markup`<td style="font-size:1px;line-height:10px">&nbsp;</td>` : '';
      return markup`<tr><td width="38%" style="padding:3px 10px 3px 0;font-size:13px;line-height:18px;overflow-wrap:anywhere">${label}</td><td style="padding:3px 8px 3px 0"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>${full}${rest}</tr></table></td><td width="1%" align="right" style="padding:3px 0;font-size:13px;line-height:18px;white-space:nowrap">${text}</td></tr>`;
    },
  )}</table>`;
}
