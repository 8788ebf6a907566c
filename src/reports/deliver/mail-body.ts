import { html as markup, raw } from 'hono/html';
import { bytesText } from '../human.ts';
import type { DeliveryFile, Parcel } from './delivery.ts';

/** The mail: the summary, then the files, as what is attached or as links to the console. */
export function mailBody(parcel: Parcel, attached: readonly DeliveryFile[]): string {
  return String(
    markup`<html><body>${raw(parcel.summary.html)}${parcel.files.map(({ name, size }) => markup`<p>${name} ${bytesText(size)} ${attached.length}</p>`)}</body></html>`,
  );
}
