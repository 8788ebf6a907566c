/** Gathers small texts into pieces of UTF-8 of about this many characters: fewer and larger writes. */
const pieceLength = 64 * 1024;

export async function* gatherText(texts: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Buffer> {
  let gathered = '';
  for await (const text of texts) {
    gathered += text;
    if (gathered.length < pieceLength) continue;
    yield Buffer.from(gathered);
    gathered = '';
  }
  if (gathered !== '') yield Buffer.from(gathered);
}
