import type { Config } from '../../config.ts';
import type { Ports } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Entra } from '../entra.ts';
import type { VerifyIdToken } from '../id-token.ts';
import type { KeepSignIn } from '../keep-sign-in.ts';
import { createAcceptGrant } from './accept-grant.ts';
import { createDeviceSignIn, type DeviceSignIn } from './device-sign-in.ts';
import { createImportSignIn, type ImportSignIn } from './import-sign-in.ts';
import { createMicrosoftDeviceCodes } from './microsoft-device-codes.ts';
import { createPasswordSignIn, type PasswordSignIn } from './password-sign-in.ts';

/** The ways to a person's connection that need no browser of this installation. */
export interface Ways {
  readonly device: DeviceSignIn;
  readonly import: ImportSignIn;
  readonly password: PasswordSignIn;
}

export function createWays(deps: {
  readonly config: Pick<Config, 'entra' | 'signIn'>;
  readonly storage: Pick<Storage, 'sealedTable'>;
  readonly entra: Entra;
  readonly verifyIdToken: VerifyIdToken;
  readonly keepSignIn: KeepSignIn;
  readonly keyCheck: () => Promise<void>;
  readonly ports: Pick<Ports, 'clock' | 'fetch' | 'random'>;
}): Ways {
  const { config, entra, keyCheck, ports, storage } = deps;
  const { tenantId, clientId } = config.entra;
  const acceptGrant = createAcceptGrant(deps);
  const importSignIn = createImportSignIn({ tenantId, clientId, entra, acceptGrant, keyCheck });
  return {
    import: importSignIn,
    device: createDeviceSignIn({
      enabled: config.signIn.deviceCode,
      storage,
      codes: createMicrosoftDeviceCodes({ entra: config.entra, ports }),
      importSignIn,
      keyCheck,
      ports,
    }),
    password: createPasswordSignIn({
      enabled: config.signIn.password,
      tenantId,
      entra,
      acceptGrant,
      keyCheck,
    }),
  };
}
