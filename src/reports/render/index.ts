import { csv } from './csv.ts';
import { jsonl } from './jsonl.ts';
import { parquet } from './parquet.ts';
import type { Format, Renderer } from './renderer.ts';
import { xlsx } from './xlsx.ts';

/** Every form that a report can take. */
export const renderers = { csv, xlsx, jsonl, parquet } as const satisfies Partial<Record<Format, Renderer>>;
