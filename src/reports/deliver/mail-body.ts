import { html as markup, raw } from 'hono/html';
import { bytesText, countText } from '../human.ts';
import type { Markup } from '../render/chart/svg.ts';
import { isWebAddress } from '../render/web-address.ts';
import type { DeliveryFile, Parcel } from './delivery.ts';
import { stampedName } from './file-name.ts';
import { mailButton, mailHeading, mailHint, mailRow } from './mail-parts.ts';

/** The mail: the summary, then the files, as what is attached or as links to the console. */
export async function mailBody(parcel: Parcel, attached: readonly DeliveryFile[]): Promise<string> {
  const { title, url, files, summary } = parcel;
  const rest = files.filter((file) => !attached.includes(file));
  const list =
    files.length > 0 ? [mailHeading('Files'), ...files.map((file) => line(file, parcel, attached))] : [];
  const why =
    rest.length > 0
      ? [mailHint('What is not attached waits in the console, for those who may see this run.')]
      : [];
  const link = url !== undefined && isWebAddress(url) ? [mailRow(mailButton('Open this run', url))] : [];
  return String(
    await markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title></head><body bgcolor="#eef1f5" style="margin:0;padding:0;background:#eef1f5"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#eef1f5"><tr><td align="center" style="padding:12px 0"><table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:600px">${raw(summary.html)}${mailRow([...list, ...why])}${link}${mailRow(mailHint(`Sent by Graph Valet for the job ${parcel.job}. Times are UTC; 1 KB is 1,024 bytes.`))}</table></td></tr></table></body></html>`,
  );
}

function line(file: DeliveryFile, { stamp }: Parcel, attached: readonly DeliveryFile[]): Markup {
  const facts = `${bytesText(file.size)}, ${countText(file.rows, 'row')}`;
  const name = stampedName(file, stamp);
  const address = file.url !== undefined && isWebAddress(file.url) ? file.url : undefined;
  if (attached.includes(file)) return markup`<div>${name} (${facts}), attached</div>`;
  return address === undefined
    ? markup`<div>${name} (${facts})</div>`
    : markup`<div><a href="${address}">${name}</a> (${facts})</div>`;
}
