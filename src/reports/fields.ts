import type { ReportColumn } from './report.ts';

type Make = (name: string, title: string, meaning: string) => ReportColumn;
type MakeCount = (name: string, title: string, unit: string, meaning: string) => ReportColumn;

export const textField: Make = (name, title, meaning) => ({ name, title, type: 'text', meaning });
export const linkField: Make = (name, title, meaning) => ({ name, title, type: 'link', meaning });
export const flagField: Make = (name, title, meaning) => ({ name, title, type: 'boolean', meaning });

export const timeField: Make = (name, title, meaning) => ({
  name,
  title,
  type: 'time',
  meaning: `${meaning} (UTC)`,
});

export const bytesField: Make = (name, title, meaning) => ({
  name,
  title,
  type: 'integer',
  unit: 'bytes',
  meaning,
});

export const percentField: Make = (name, title, meaning) => ({
  name,
  title,
  type: 'decimal',
  unit: 'percent',
  meaning,
});

export const daysField: Make = (name, title, meaning) => ({
  name,
  title,
  type: 'integer',
  unit: 'days',
  meaning,
});

export const countField: MakeCount = (name, title, unit, meaning) => ({
  name,
  title,
  type: 'integer',
  unit,
  meaning,
});

/** Columns that most reports on items begin or end with. */
export const driveField = textField('drive', 'Drive', 'name of the drive, or its id where it has none');
export const pathField = textField('path', 'Path', 'place in the drive');
export const webUrlField = linkField('web_url', 'Link', 'address for a browser');
export const itemIdField = textField('item_id', 'Item id', 'id of the item in its drive');
export const driveIdField = textField('drive_id', 'Drive id', 'id of the drive');
