import type { Report } from '../report.ts';
import { access } from './access.ts';
import { anonymousLinks } from './anonymous-links.ts';
import { appCredentials } from './app-credentials.ts';
import { automationHealth } from './automation-health.ts';
import { duplicates } from './duplicates.ts';
import { externalSharing } from './external-sharing.ts';
import { fileInventory } from './file-inventory.ts';
import { growth } from './growth.ts';
import { inactiveDrives } from './inactive-drives.ts';
import { largest } from './largest.ts';
import { oversharing } from './oversharing.ts';
import { ownerless } from './ownerless.ts';
import { pathHealth } from './path-health.ts';
import { people } from './people.ts';
import { permissionMatrix } from './permission-matrix.ts';
import { query } from './query.ts';
import { quotaForecast } from './quota-forecast.ts';
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
  quotaForecast,
  inactiveDrives,
  ownerless,
  pathHealth,
  automationHealth,
  people,
  appCredentials,
  query,
];

/** Every report by its name, in their order of value. */
export const catalogue: Readonly<Record<string, Report>> = Object.fromEntries(
  reports.map((report) => [report.name, report]),
);
