import type { Report } from '../report.ts';
import { duplicates } from './duplicates.ts';
import { fileInventory } from './file-inventory.ts';
import { growth } from './growth.ts';
import { largest } from './largest.ts';
import { pathHealth } from './path-health.ts';
import { staleContent } from './stale-content.ts';
import { versionBloat } from './version-bloat.ts';

const reports: readonly Report[] = [
  fileInventory,
  largest,
  staleContent,
  growth,
  duplicates,
  versionBloat,
  pathHealth,
];

/** Every report by its name, in their order of value. */
export const catalogue: Readonly<Record<string, Report>> = Object.fromEntries(
  reports.map((report) => [report.name, report]),
);
