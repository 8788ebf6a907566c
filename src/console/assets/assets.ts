import { createHash } from 'node:crypto';
import { logo } from './logo.ts';
import { stylesheet } from './stylesheet.ts';

interface Asset {
  readonly contentType: string;
  readonly body: string;
}

// The name changes with the content, so that a browser may keep a file for ever.
const stylesheetFile = `console.${fingerprint(stylesheet)}.css`;
const logoFile = `logo.${fingerprint(logo)}.svg`;

const assets: ReadonlyMap<string, Asset> = new Map([
  [stylesheetFile, { contentType: 'text/css; charset=utf-8', body: stylesheet }],
  [logoFile, { contentType: 'image/svg+xml; charset=utf-8', body: logo }],
]);

/** Where pages find them. */
export const assetPaths = { stylesheet: `/assets/${stylesheetFile}`, logo: `/assets/${logoFile}` } as const;

/** The file of that name, if it is one of ours. */
export function findAsset(file: string): Asset | undefined {
  return assets.get(file);
}

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
