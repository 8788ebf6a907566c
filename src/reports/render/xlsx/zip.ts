import { Readable } from 'node:stream';
import { crc32, createDeflateRaw } from 'node:zlib';

export interface ZipEntry {
  /** Path inside the archive: ASCII, with slashes. */
  readonly name: string;
  readonly data: AsyncIterable<Uint8Array>;
}

interface Written {
  readonly name: Buffer;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

/** Without ZIP64, whose support in spreadsheets varies, sizes have 32 bits. */
export const zipEntryLimit = 0xffff_ffff;

/**
 * A ZIP archive in pieces, one entry after the other. Sizes stand behind each entry (bit 3), so that nothing is kept. Throws RangeError when an
 * entry or the archive passes 4 GiB.
 */
export async function* zip(entries: Iterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const written: Written[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const start = offset;
    let crc = 0;
    let size = 0;
    let packed = 0;
    async function* counted() {
      for await (const piece of entry.data) {
        crc = crc32(piece, crc);
        size += piece.length;
        yield piece;
      }
    }
    const head = localHeader(name);
    yield head;
    const deflate = createDeflateRaw({ level: 4, chunkSize: 64 * 1024 });
    const source = Readable.from(counted());
    source.on('error', (error) => deflate.destroy(error));
    try {
      for await (const piece of source.pipe(deflate)) {
        packed += piece.length;
        yield piece;
      }
    } finally {
      // Where the reader went away, what is behind the entry is let go too.
      source.destroy();
    }
    const tail = dataDescriptor(crc, packed, size);
    yield tail;
    offset += head.length + packed + tail.length;
    if (size > zipEntryLimit || offset > zipEntryLimit) throw new RangeError('a ZIP archive passed 4 GiB');
    written.push({ name, crc, packed, size, offset: start });
  }
  const directory = Buffer.concat(written.map(directoryEntry));
  yield directory;
  yield endOfDirectory(written.length, directory.length, offset);
}

const version = 20;
/** Sizes follow the data; names are UTF-8. */
const flags = 0x0808;
const deflated = 8;
/** 1 January 1980, the zero of MS-DOS: the same report gives the same bytes. */
const date = 0x0021;

function localHeader(name: Buffer): Buffer {
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(version, 4);
  head.writeUInt16LE(flags, 6);
  head.writeUInt16LE(deflated, 8);
  head.writeUInt16LE(date, 12);
  head.writeUInt16LE(name.length, 26);
  return Buffer.concat([head, name]);
}

function dataDescriptor(crc: number, packed: number, size: number): Buffer {
  const tail = Buffer.alloc(16);
  tail.writeUInt32LE(0x08074b50, 0);
  tail.writeUInt32LE(crc, 4);
  tail.writeUInt32LE(packed % 2 ** 32, 8);
  tail.writeUInt32LE(size % 2 ** 32, 12);
  return tail;
}

function directoryEntry({ name, crc, packed, size, offset }: Written): Buffer {
  const head = Buffer.alloc(46);
  head.writeUInt32LE(0x02014b50, 0);
  head.writeUInt16LE(version, 4);
  head.writeUInt16LE(version, 6);
  head.writeUInt16LE(flags, 8);
  head.writeUInt16LE(deflated, 10);
  head.writeUInt16LE(date, 14);
  head.writeUInt32LE(crc, 16);
  head.writeUInt32LE(packed, 20);
  head.writeUInt32LE(size, 24);
  head.writeUInt16LE(name.length, 28);
  head.writeUInt32LE(offset, 42);
  return Buffer.concat([head, name]);
}

function endOfDirectory(count: number, length: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(length, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}
