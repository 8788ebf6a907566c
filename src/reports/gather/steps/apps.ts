import { z } from 'zod';
import type { AppRow } from '../../data/sources.ts';
import type { GatherState } from '../gather-state.ts';
import type { GatherUnitContext } from '../gather-unit.ts';
import { readList } from './read-list.ts';
import { timeOf } from './time-of.ts';

const credential = z.object({ keyId: z.string().nullish(), endDateTime: z.string().nullish() });

const app = z.object({
  appId: z.string(),
  displayName: z.string().nullish(),
  passwordCredentials: z.array(credential).nullish(),
  keyCredentials: z.array(credential).nullish(),
});

/** Secrets and certificates of the directory's apps. */
export function readApps(unit: GatherUnitContext, state: GatherState) {
  return readList(unit, state, {
    kind: 'apps',
    name: 'Apps of the directory',
    starts: ['/applications?$select=appId,displayName,passwordCredentials,keyCredentials&$top=100'],
    member: app,
    rows: (apps) => apps.flatMap(toRows),
  });
}

function toRows({ appId, displayName, passwordCredentials, keyCredentials }: z.infer<typeof app>): AppRow[] {
  const row = { appId, name: displayName ?? null };
  const of = (kind: string, list: z.infer<typeof credential>[] | null | undefined): AppRow[] =>
    (list ?? []).map(({ keyId, endDateTime }) => ({
      ...row,
      credentialKind: kind,
      credentialId: keyId ?? null,
      expiresAt: timeOf(endDateTime),
    }));
  return [...of('secret', passwordCredentials), ...of('certificate', keyCredentials)];
}
