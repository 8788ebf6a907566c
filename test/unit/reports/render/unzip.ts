import { crc32, inflateRawSync } from 'node:zlib';

/** The files of a ZIP archive, found by its directory, each with its checksum compared. Knows nothing of the writer. */
export function unzip(archive: Buffer): Map<string, Buffer> {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  const files = new Map<string, Buffer>();
  for (let index = 0; index < count; index += 1) {
    if (archive.readUInt32LE(at) !== 0x02014b50)
      throw new Error(`entry ${index} is not where the directory begins`);
    const packed = archive.readUInt32LE(at + 20);
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const local = archive.readUInt32LE(at + 42);
    const begin = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const data = inflateRawSync(archive.subarray(begin, begin + packed));
    if (data.length !== archive.readUInt32LE(at + 24)) throw new Error(`${name} has another size`);
    if (crc32(data) !== archive.readUInt32LE(at + 16)) throw new Error(`${name} is damaged`);
    files.set(name, data);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}
