import type { Report } from '../report.ts';
import { access } from './access.ts';
import { anonymousLinks } from './anonymous-links.ts';
import { duplicates } from './duplicates.ts';
import { externalSharing } from './external-sharing.ts';
import { fileInventory } from './file-inventory.ts';
import { growth } from './growth.ts';
import { largest } from './largest.ts';
import { oversharing } from './oversharing.ts';
import { pathHealth } from './path-health.ts';
import { permissionMatrix } from './permission-matrix.ts';
import { staleContent } from './stale-content.ts';
import { versionBloat } from './version-bloat.ts';

const reports: readonly Report[] = [
  fileInventory,
  largest,
  staleContent,
  growth,
  duplicates,
  versionBloat,
  anonymousLinks,
  externalSharing,
  oversharing,
  permissionMatrix,
  access,
  pathHealth,
];

/** Every report by its name, in their order of value. */
export const catalogue: Readonly<Record<string, Report>> = Object.fromEntries(
  reports.map((report) => [report.name, report]),
);
