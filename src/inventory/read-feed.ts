import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { type RawDeltaPage, readRawDeltaPage } from '../graph/delta.ts';
import type { GraphClient } from '../graph/graph-client.ts';
import { logLine } from './log-line.ts';
import { nextLinkOf, type Progress } from './transitions.ts';

/** Bytes of lines that are saved together, unless the time comes first: a kill loses at most that, and it is read again. */
const pieceBytes = 4 * 1024 * 1024;
const pieceMs = 5_000;

const compress = promisify(zstdCompress);
const level = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** A stretch of the feed: lines as they are kept, compressed, and how far they reach. */
export interface Piece extends Omit<Progress, 'segments'> {
  /** Undefined when nothing changed. */
  readonly log: Buffer | undefined;
}

export interface Reading {
  readonly client: GraphClient;
  /** Where to begin, and the sums up to there. */
  readonly from: Pick<Progress, 'link' | 'pages' | 'changes'>;
  readonly clock: () => number;
  readonly deadline: number;
  readonly maxPages: number;
  onPage?(sums: { pages: number; changes: number }): Promise<void>;
}

/**
 * Reads pages until the end of the feed, the deadline or the number of pages, and gives them in pieces. The next page is on its way
 * while one is worked on. When Graph fails, what was read comes first, and then the error is thrown.
 */
export async function* readFeed(reading: Reading): AsyncGenerator<Piece> {
  const { client, clock, deadline, maxPages, onPage } = reading;
  let { link, pages, changes } = reading.from;
  let lines: Buffer[] = [];
  let bytes = 0;
  let since = clock();
  let saved = pages;
  let failure: unknown;
  let left = maxPages;
  let coming: Promise<RawDeltaPage> | undefined = ask(link);
  let end = false;

  async function piece(): Promise<Piece> {
    const log = lines.length > 0 ? await compress(Buffer.concat(lines), level) : undefined;
    lines = [];
    bytes = 0;
    since = clock();
    saved = pages;
    return { link, end, pages, changes, log };
  }

  function ask(at: string): Promise<RawDeltaPage> | undefined {
    if (left <= 0 || clock() >= deadline) return undefined;
    left -= 1;
    const page = readRawDeltaPage(client, at);
    // It is awaited later; a failure until then is no unhandled one.
    page.catch(() => undefined);
    return page;
  }

  while (coming) {
    let page: RawDeltaPage;
    try {
      page = await coming;
    } catch (error) {
      failure = error;
      break;
    }
    const before = link;
    link = nextLinkOf(page, before);
    end = page.nextLink === undefined;
    coming = end ? undefined : ask(link);
    const text = page.items.map((item, index) => logLine(item, changes + index)).join('');
    pages += 1;
    changes += page.items.length;
    if (text !== '') {
      const line = Buffer.from(text);
      lines.push(line);
      bytes += line.length;
    }
    await onPage?.({ pages, changes });
    if (bytes >= pieceBytes || clock() - since >= pieceMs) yield await piece();
  }
  if (pages > saved) yield await piece();
  if (failure !== undefined) throw failure;
}
