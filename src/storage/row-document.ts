/**
 * A row holds one JSON document (or its ciphertext), cut into properties because Table Storage allows 32,768 characters
 * in one of them and 1 MiB in a row.
 */
export interface Entity {
  readonly partitionKey: string;
  readonly rowKey: string;
  readonly etag?: string;
  readonly [property: string]: unknown;
}

const chunk = 32_000;
const most = 15;

export function writeDocument(text: string): Record<string, string> {
  const parts = Math.max(1, Math.ceil(text.length / chunk));
  if (parts > most)
    throw Object.assign(new Error('the document is too large for a row'), { statusCode: 413 });
  const properties: Record<string, string> = {};
  for (let i = 0; i < parts; i += 1) {
    properties[i === 0 ? 'document' : `document${i}`] = text.slice(i * chunk, (i + 1) * chunk);
  }
  return properties;
}

export function readDocument(entity: Entity): string {
  let text = String(entity.document ?? '');
  for (let i = 1; typeof entity[`document${i}`] === 'string'; i += 1) text += entity[`document${i}`];
  return text;
}
