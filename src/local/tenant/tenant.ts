import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlRoutes } from './control/control-routes.ts';
import { directoryControlRoutes } from './control/directory-routes.ts';
import { createDeliver } from './deliver.ts';
import { ensureAppCertificate } from './directory/app-certificate.ts';
import type { Directory } from './directory/directory.ts';
import { createDirectory } from './directory/directory.ts';
import { seedDirectory } from './directory/seed.ts';
import type { DirectoryData } from './directory/types.ts';
import { createFaultEngine } from './faults/fault-engine.ts';
import { graphRoutes as defaultGraphRoutes } from './graph/graph-routes.ts';
import type { GraphWorld } from './graph-world.ts';
import { createCallLog } from './http/call-log.ts';
import { createDispatch } from './http/dispatch.ts';
import type { Listeners } from './http/listen.ts';
import { listen } from './http/listen.ts';
import type { Route, Urls } from './http/route.ts';
import { toUrls } from './http/urls.ts';
import { createAccessTokens } from './identity/access-tokens.ts';
import { createAuthorizeBearer } from './identity/authorize-bearer.ts';
import { identityRoutes } from './identity/identity-routes.ts';
import { createSealedGrants } from './identity/sealed-grants.ts';
import { createSigningKeys } from './identity/signing-keys.ts';
import { createSwitchBoard } from './identity/switches.ts';
import { createTokens } from './identity/tokens.ts';
import { createLedger } from './ledger.ts';
import { managedIdentityRoutes } from './managed-identity/managed-identity-routes.ts';
import type { TenantOptions } from './options.ts';
import { defaultOptions } from './options.ts';
import { createRandom, createSeeded } from './seed.ts';
import { createStateStore } from './state.ts';
import { createTenantClock } from './tenant-clock.ts';
import { createTls } from './tls.ts';
import { keyRoutes } from './vault/key-routes.ts';
import { createVaultKeys } from './vault/keys.ts';
import { secretRoutes } from './vault/secret-routes.ts';
import { createSecrets } from './vault/secrets.ts';
import { seedSecrets } from './vault/seed-secrets.ts';
import { createVaultAccess } from './vault/vault-access.ts';

/** A local Microsoft 365: Entra, Graph, Key Vault and a managed identity on loopback. */
export interface Tenant {
  readonly directory: Directory;
  readonly caFile: string;
  /** Private key and certificate with which the app can prove itself, as one PEM file. */
  readonly certificateFile: string;
  /** Every endpoint, in the order in which they are tried. */
  readonly routes: readonly Route[];
  start(): Promise<Urls>;
  /** Ends every listener and saves the state. */
  stop(): Promise<void>;
}

export async function createTenant(
  chosen: Partial<TenantOptions> = {},
  graphRoutes: (world: GraphWorld) => Route[] = defaultGraphRoutes,
): Promise<Tenant> {
  const options: TenantOptions = { ...defaultOptions, ...chosen };
  const seeded = createSeeded(options.seed);
  const random = createRandom(options.seed);
  const tenantClock = createTenantClock();
  const clock = tenantClock.now;
  const kept = options.stateDir ?? mkdtempSync(join(tmpdir(), 'graph-valet-tenant-'));
  const state = createStateStore(options.stateDir);
  const directory = createDirectory(seedDirectory(seeded, clock(), options.redirectUris), state.changed);
  state.register('directory', {
    save: () => directory.data,
    load: (value) => directory.load(value as DirectoryData),
  });
  const tls = await createTls(join(kept, 'tls'), clock());
  const certificateFile = await ensureAppCertificate(directory, join(kept, 'app-certificate.pem'), clock());
  const keys = await createSigningKeys(join(kept, 'keys'), clock);
  const tokens = createTokens({ keys, sealKey: seeded.bytes('seal key', 32), clock });
  const faults = createFaultEngine(options.faults, random);
  const calls = createCallLog();
  const ends: (() => void | Promise<void>)[] = [];
  let listeners: Listeners | undefined;

  const ledger = createLedger();
  const switches = createSwitchBoard(state.changed);
  const accessTokens = createAccessTokens({ tokens, directory, switches, clock, random });
  const grants = createSealedGrants({ tokens, clock, onChange: state.changed });
  state.register('grants', grants);
  const secrets = createSecrets(clock, state.changed);
  state.register('secrets', secrets);
  seedSecrets(secrets, directory, seeded);
  const vaultKeys = createVaultKeys(clock, state.changed);
  state.register('vaultKeys', vaultKeys);
  const access = createVaultAccess({ tokens, directory });

  const routes = [
    ...identityRoutes(
      { directory, tokens, accessTokens, keys, switches, clock, random, seeded, ledger, urls },
      grants,
    ),
    ...secretRoutes({ secrets, access, clock, onChange: state.changed }),
    ...keyRoutes({ keys: vaultKeys, access, clock }),
    ...managedIdentityRoutes({ directory, accessTokens, clock }),
    ...controlRoutes({ faults, calls, ledger, switches, keys, clock: tenantClock }),
    ...directoryControlRoutes({ directory, clock }),
    ...graphRoutes({
      directory,
      clock,
      random,
      seeded,
      deliver: createDeliver(tls.caPem),
      ledger,
      options,
      state,
      onChange: state.changed,
      urls,
      onStop: (end) => void ends.push(end),
    }),
  ];
  const dispatch = createDispatch({
    routes,
    authorize: createAuthorizeBearer({ tokens, directory }),
    clock,
    report: (error) => console.error(error),
  });

  function urls(): Urls {
    if (!listeners) throw new Error('the tenant does not listen yet');
    return toUrls(listeners.ports, 'control', undefined);
  }

  return {
    directory,
    caFile: tls.caFile,
    certificateFile,
    routes,
    async start() {
      const { port: basePort, latencyMs } = options;
      listeners = await listen({ basePort, tls, latencyMs, dispatch, faults, calls, clock });
      return urls();
    },
    async stop() {
      await listeners?.stop();
      for (const end of ends) await end();
      state.flush();
      if (options.stateDir === undefined) rmSync(kept, { recursive: true, force: true });
    },
  };
}
