/**
 * The columns of an inventory, in their order in its Parquet files. Reports, also those that users write, rely on these names.
 */
interface Column {
  readonly name: string;
  readonly type: 'VARCHAR' | 'BIGINT' | 'INTEGER' | 'BOOLEAN' | 'TIMESTAMP';
  readonly meaning: string;
  /** SQL over a line of the log of changes; none for what follows from the drive and the folders above. */
  readonly from?: string;
}

const text = (name: string, meaning: string): Column => ({ name, type: 'VARCHAR', meaning, from: name });
const time = (name: string, meaning: string): Column => ({
  name,
  type: 'TIMESTAMP',
  meaning: `${meaning} (UTC)`,
  from: `try_cast(${name} AS TIMESTAMP)`,
});
const flag = (name: string, meaning: string): Column => ({
  name,
  type: 'BOOLEAN',
  meaning,
  from: `coalesce(${name}, 0) = 1`,
});

export const columns: readonly Column[] = [
  { name: 'drive_id', type: 'VARCHAR', meaning: 'drive' },
  text('item_id', 'id of the item in its drive'),
  text('parent_id', 'id of the folder that it lies in'),
  text('kind', 'file, folder, package (a notebook), remote (a shortcut to another drive) or root'),
  { ...text('name', 'name'), from: "coalesce(name, '')" },
  { name: 'path', type: 'VARCHAR', meaning: 'place in the drive, such as /Documents/Plan.docx' },
  { name: 'depth', type: 'INTEGER', meaning: 'names in the path; 0 for the root' },
  {
    ...text('extension', 'of a file, in lower case without the dot; empty when it has none'),
    from: "CASE WHEN kind = 'file' THEN lower(regexp_extract(name, '[^.]\\.([^.]+)$', 1)) ELSE '' END",
  },
  text('mime_type', 'media type of a file'),
  { name: 'size', type: 'BIGINT', meaning: 'bytes; of a folder with all that is in it', from: 'size' },
  time('created_at', 'when it was made'),
  time('modified_at', 'when it was last changed'),
  text('created_by', 'name of who made it'),
  text('created_by_id', 'object id of that person, or id of that app'),
  text('modified_by', 'name of who changed it last'),
  text('modified_by_id', 'object id of that person, or id of that app'),
  text('etag', 'version of the item'),
  text('ctag', 'version of the content; business drives give none'),
  text('hash', 'quickXorHash of the content, base64'),
  text('web_url', 'address for a browser'),
  { name: 'child_count', type: 'INTEGER', meaning: 'items directly in a folder', from: 'child_count' },
  text('shared_scope', 'anonymous, organization or users; null when it is not shared itself'),
  text('shared_owner', 'name of the owner of what is shared'),
  flag('is_malware', 'Microsoft found malware in it'),
  text('retention_label', 'retention label, where it was read'),
  text('checked_out_by', 'name of who has it checked out'),
  flag('unique_permissions', 'it has permissions of its own'),
];

/** The columns of a line of the log of changes: tab-separated, nothing quoted, empty for null. */
export const logColumns: Readonly<Record<string, string>> = {
  ordinal: 'BIGINT',
  is_deleted: 'TINYINT',
  item_id: 'VARCHAR',
  parent_id: 'VARCHAR',
  kind: 'VARCHAR',
  name: 'VARCHAR',
  mime_type: 'VARCHAR',
  size: 'BIGINT',
  created_at: 'VARCHAR',
  modified_at: 'VARCHAR',
  created_by: 'VARCHAR',
  created_by_id: 'VARCHAR',
  modified_by: 'VARCHAR',
  modified_by_id: 'VARCHAR',
  etag: 'VARCHAR',
  ctag: 'VARCHAR',
  hash: 'VARCHAR',
  web_url: 'VARCHAR',
  child_count: 'INTEGER',
  shared_scope: 'VARCHAR',
  shared_owner: 'VARCHAR',
  is_malware: 'TINYINT',
  retention_label: 'VARCHAR',
  checked_out_by: 'VARCHAR',
  unique_permissions: 'TINYINT',
};
