import { csv } from './csv.ts';
import { html } from './html.ts';
import { jsonl } from './jsonl.ts';
import { parquet } from './parquet.ts';
import type { Format, Renderer } from './renderer.ts';
import { xlsx } from './xlsx.ts';

/** Every form that a report can take. */
export const renderers = { csv, xlsx, html, jsonl, parquet } as const satisfies Record<Format, Renderer>;
