import { type RawDeltaPage, readRawDeltaPage } from '../graph/delta.ts';
import type { GraphClient } from '../graph/graph-client.ts';
import { facet, type RawItem, wholeOf } from '../graph/raw-item.ts';
import type { Sums } from './drive-state.ts';
import { logLine } from './log-line.ts';
import { nextLinkOf, type Progress } from './transitions.ts';

/** Bytes of lines that are saved together, unless the time comes first: a kill loses at most that, and it is read again. */
const pieceBytes = 4 * 1024 * 1024;
const pieceMs = 5_000;

/** A stretch of the feed: its lines, and how far they reach. */
export interface Piece extends Omit<Progress, 'segments'> {
  /** Undefined when nothing changed. */
  readonly lines: Buffer | undefined;
}

export interface Reading {
  readonly client: GraphClient;
  /** Where to begin, and the sums up to there. */
  readonly from: Pick<Progress, 'link' | 'sums'>;
  readonly clock: () => number;
  readonly deadline: number;
  readonly maxPages: number;
  onPage?(sums: Sums): Promise<void>;
}

function addPage({ pages, changes, bytes, ofBytes }: Sums, items: readonly RawItem[]): Sums {
  const sums = { pages: pages + 1, changes: changes + items.length, bytes, ofBytes };
  for (const item of items) {
    const size = wholeOf(item, 'size') ?? 0;
    if (facet(item, 'root')) sums.ofBytes = size;
    else if (!facet(item, 'folder')) sums.bytes += size;
  }
  return sums;
}

/** A page on its way, and the one after it, which may be asked for before this one is parsed. */
interface Coming {
  readonly at: string;
  readonly page: Promise<RawDeltaPage>;
  next?: Coming | undefined;
}

/** Pages that are asked for and not worked on yet: more of them would only fill the memory. */
const mostAhead = 2;

/**
 * Reads pages until the end of the feed, the deadline or the number of pages, and gives them in pieces. The next page is on its way
 * while one is parsed and worked on. When Graph fails, what was read comes first, and then the error is thrown.
 */
export async function* readFeed(reading: Reading): AsyncGenerator<Piece> {
  const { client, clock, deadline, maxPages, onPage } = reading;
  let { link, sums } = reading.from;
  let lines: Buffer[] = [];
  let bytes = 0;
  let since = clock();
  let saved = sums;
  let failure: unknown;
  let left = maxPages;
  let ahead = 0;
  let coming: Coming | undefined = ask(link);
  let end = false;

  function piece(): Piece {
    const read = lines.length > 0 ? Buffer.concat(lines) : undefined;
    lines = [];
    bytes = 0;
    since = clock();
    saved = sums;
    return { link, end, sums, lines: read };
  }

  function ask(at: string): Coming | undefined {
    if (left <= 0 || clock() >= deadline) return undefined;
    left -= 1;
    ahead += 1;
    const page = readRawDeltaPage(client, at, (next) => {
      if (ahead < mostAhead) asked.next ??= ask(next);
    });
    const asked: Coming = { at, page };
    // It is awaited later; a failure until then is no unhandled one.
    page.catch(() => undefined);
    return asked;
  }

  while (coming) {
    const here: Coming = coming;
    let page: RawDeltaPage;
    try {
      page = await here.page;
    } catch (error) {
      failure = error;
      break;
    }
    ahead -= 1;
    const before = link;
    link = nextLinkOf(page, before);
    end = page.nextLink === undefined;
    coming = end ? undefined : here.next?.at === link ? here.next : ask(link);
    const text = page.items.map((item, index) => logLine(item, sums.changes + index)).join('');
    sums = addPage(sums, page.items);
    if (text !== '') {
      const line = Buffer.from(text);
      lines.push(line);
      bytes += line.length;
    }
    await onPage?.(sums);
    if (bytes >= pieceBytes || clock() - since >= pieceMs) yield piece();
  }
  if (sums !== saved) yield piece();
  if (failure !== undefined) throw failure;
}
