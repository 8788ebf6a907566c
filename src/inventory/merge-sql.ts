import { columns, logColumns } from './columns.ts';
import { fileList } from './duck.ts';

/** What is known of an item without its place. */
const own = columns.filter((column) => column.from !== undefined);
const ownNames = own.map((column) => column.name).join(', ');

/** Where an item lies whose folder this connection may not see. */
export const unseenFolder = '/…';

/** Small groups of rows keep the memory of writing them small. */
export const parquetFormat = '(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10240)';
export const stagedFormat = '(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 8192)';

/** Views `log` (every line) and `latest` (the last line of each item). */
export function logViews(files: readonly string[], repeats: boolean): string {
  const types = Object.entries(logColumns).map(([name, type]) => `'${name}': '${type}'`);
  const source = `read_csv(${fileList(files)}, columns = {${types.join(', ')}}, header = false, auto_detect = false,
    delim = '\t', quote = '', escape = '', nullstr = '', compression = 'zstd',
    buffer_size = 1048576, max_line_size = 262144)`;
  const last = repeats ? 'WHERE ordinal IN (SELECT max(ordinal) FROM log GROUP BY md5_number(item_id))' : '';
  return `CREATE OR REPLACE VIEW log AS SELECT * FROM ${source};
    CREATE OR REPLACE VIEW latest AS SELECT * FROM log ${last}`;
}

/**
 * How many lines there are, and how many different hashes of their ids. Different hashes mean different ids; a hash that comes twice is
 * taken for a repeated id, and costs only time when it is none.
 */
export const linesQuery = `SELECT sum(n)::BIGINT AS lines, count(*) AS hashes
  FROM (SELECT hash(item_id) AS h, count(*) AS n FROM log GROUP BY h)`;

/**
 * Table `marks`: what the log says of folders and of what was deleted; table `gone`: ids that were deleted. View `fresh`: what the
 * log says is there, without places.
 */
export const markTables = `
  CREATE TABLE marks AS SELECT item_id, parent_id, kind, coalesce(name, '') AS name, is_deleted
    FROM latest WHERE is_deleted = 1 OR kind <> 'file';
  CREATE TABLE gone AS SELECT item_id FROM marks WHERE is_deleted = 1;
  CREATE VIEW fresh AS SELECT ${own.map(({ name, from }) => `${from} AS ${name}`).join(', ')}
    FROM latest WHERE is_deleted = 0`;

/**
 * View `items`: what there is now, without places; table `folders`: those of them that can hold others. With an earlier inventory also
 * view `base` and table `changed`, the ids of the log.
 */
export function itemViews(base: readonly string[]): string {
  const folders = 'SELECT item_id, parent_id, kind, name FROM marks WHERE is_deleted = 0';
  if (base.length === 0) {
    return `CREATE VIEW items AS SELECT * FROM fresh; CREATE TABLE folders AS ${folders}`;
  }
  return `CREATE TABLE changed AS SELECT item_id FROM latest;
    CREATE VIEW base AS SELECT * FROM read_parquet(${fileList(base)});
    CREATE VIEW items AS SELECT * FROM fresh
      UNION ALL SELECT ${ownNames} FROM base b ANTI JOIN changed c ON b.item_id = c.item_id;
    CREATE TABLE folders AS ${folders}
      UNION ALL SELECT item_id, parent_id, kind, name FROM base b ANTI JOIN changed c ON b.item_id = c.item_id
        WHERE kind <> 'file'`;
}

/**
 * Table `places`: the path and depth of each folder, worked out from the parents. What lies below a deleted folder is in `lost`,
 * since Graph need not name it. A folder whose parent is not there, and a circle, which only a broken feed has, are unseen.
 */
export const placesSql = `
  CREATE TABLE lost AS WITH RECURSIVE below(item_id) AS (
      SELECT item_id FROM gone
      UNION SELECT f.item_id FROM folders f JOIN below b ON f.parent_id = b.item_id WHERE f.kind <> 'root'
    ) SELECT item_id FROM below;
  CREATE TABLE places AS WITH RECURSIVE down(item_id, path, depth) AS (
      SELECT item_id, '', 0 FROM folders WHERE kind = 'root'
      UNION ALL SELECT f.item_id, '${unseenFolder}/' || f.name, 2 FROM folders f
        ANTI JOIN folders above ON f.parent_id = above.item_id ANTI JOIN lost l ON f.parent_id = l.item_id
        WHERE f.kind <> 'root'
      UNION ALL SELECT f.item_id, d.path || '/' || f.name, d.depth + 1
        FROM folders f JOIN down d ON f.parent_id = d.item_id WHERE f.kind <> 'root'
    ) SELECT * FROM down;
  INSERT INTO places SELECT item_id, '${unseenFolder}/' || name, 2 FROM folders
    WHERE item_id NOT IN (SELECT item_id FROM places) AND item_id NOT IN (SELECT item_id FROM lost)`;

/** The items with their places, in the columns of an inventory. */
export function placedSelect(drive: string, from: 'items' | 'fresh'): string {
  const path = `CASE WHEN i.kind = 'root' THEN '/' ELSE coalesce(p.path, '${unseenFolder}') || '/' || i.name END`;
  const depth = "CASE WHEN i.kind = 'root' THEN 0 ELSE coalesce(p.depth, 1) + 1 END::INTEGER";
  const values: Readonly<Record<string, string>> = { drive_id: drive, path, depth };
  const list = columns.map(({ name }) => `${values[name] ?? `i.${name}`} AS ${name}`);
  // Joins on one equality each: with anything more beside it DuckDB compares every row with every other.
  return `SELECT ${list.join(', ')} FROM ${from} i LEFT JOIN places p ON i.parent_id = p.item_id
    ANTI JOIN lost l ON i.parent_id = l.item_id`;
}

/**
 * How many folders are elsewhere than in `base`, or gone, or new above something that is there already: then the paths of other
 * items change with them.
 */
export const movedFoldersQuery = `
  SELECT (SELECT count(*) FROM base b LEFT JOIN places p ON b.item_id = p.item_id
      WHERE b.kind <> 'file' AND (p.item_id IS NULL OR b.path <> (CASE WHEN p.path = '' THEN '/' ELSE p.path END)))
    + (SELECT count(*) FROM base WHERE parent_id IN (
        SELECT item_id FROM lost
        UNION ALL SELECT item_id FROM places WHERE item_id NOT IN (SELECT item_id FROM base WHERE kind <> 'file')))`;
