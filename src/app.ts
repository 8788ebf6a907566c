import { createApi } from './api/api.ts';
import { createAuthorize } from './api/authorize.ts';
import { createChangeConnection } from './api/connection-changes.ts';
import { createOwnJobs } from './api/own-jobs.ts';
import { type Broker, createBroker } from './broker/broker.ts';
import { consentMessage } from './broker/consent-link.ts';
import { createNotices, type Notices } from './broker/notices/notices.ts';
import { type Config, version } from './config.ts';
import { createConsole } from './console/console.ts';
import { createOverview } from './console/create-overview.ts';
import { createInstallationWarnings } from './console/installation-warnings.ts';
import { createProfile } from './console/profile.ts';
import { createGraph } from './graph/client.ts';
import type { GraphFor } from './graph/graph-client.ts';
import { createInventory } from './inventory/inventory.ts';
import { createJobs, type Jobs } from './jobs/jobs.ts';
import { createOwnFigures } from './jobs/own-figures.ts';
import { createConsoleLog } from './log.ts';
import { createPost } from './outbound/post.ts';
import { type Ports, systemPorts } from './ports.ts';
import { createGathering } from './reports/gather/gathering.ts';
import { createRules, type Rules } from './rules/rules.ts';
import type { KeyRotation } from './storage/key-rotation.ts';
import { createStorage } from './storage/storage.ts';

/** The app of one process, as the functions use it. */
export interface RunningApp {
  readonly http: ReturnType<typeof createApi> & ReturnType<typeof createConsole>;
  readonly broker: Broker;
  readonly jobs: Pick<Jobs, 'tick' | 'work' | 'deliver'>;
  readonly rules: Pick<Rules, 'ensureSubscriptions' | 'drain' | 'operate'>;
  /** One message of queue `consents`. */
  proveConsent(message: unknown): Promise<void>;
  readonly keyRotation: Pick<KeyRotation, 'advance'>;
  readonly notices: Notices;
  /** Removes rows that have expired. */
  sweep(): Promise<void>;
}

/** The composition root: settings become the running app. Nothing is asked of the network before the first use. */
export function createApp(config: Config, given: Partial<Ports> = {}): RunningApp {
  const ports: Ports = { ...systemPorts, log: createConsoleLog(), ...given };
  const storage = createStorage(config, ports);
  const broker = createBroker({ config, storage, ports });
  const graph = createGraph({ graphUrl: config.graphUrl, ports, storage });
  const { clientId } = config.entra;

  const graphFor: GraphFor = async (idOrAlias, priority, meter) => {
    const { connection, source } = await broker.tokenSource(idOrAlias);
    return graph.for(source, { tenantId: connection.tenantId, appId: clientId, priority, meter });
  };

  const inventory = createInventory({ storage, ports });
  const { connections, consentLinks, sessions } = broker;
  const notices = createNotices({ config, storage, connections, graphFor, ports });
  const { publicUrl } = config;
  const rules = createRules({ storage, graphFor, ports, config });
  const own = createOwnFigures({ rules, spending: graph.spending, clock: ports.clock });
  const gathering = createGathering({ storage, inventory, ports, own });
  const jobs = createJobs({
    ...{ storage, inventory, gathering, graphFor, connections, publicUrl, ports },
    secret: async (name) => (await storage.vault.secret(name))?.value,
    post: createPost(ports.fetch, { allowLoopback: !config.inAzure }),
  });
  const authorize = createAuthorize({ sessions, tokens: broker.authorization.tokens, publicUrl });
  const api = createApi({ config, broker, graph, jobs, rules, storage, notices, authorize, ports });
  const pages = createConsole({
    authorize,
    audit: broker.audit,
    broker,
    changeConnection: createChangeConnection(broker),
    consentLinks,
    sessions,
    signIn: broker.signIn,
    authorization: broker.authorization,
    profile: createProfile(graphFor),
    personName: async (objectId) =>
      (await connections.list()).find((each) => each.objectId === objectId)?.displayName,
    jobs,
    ownJobs: createOwnJobs(jobs),
    connections,
    overview: createOverview({
      ...{ connections, jobs, rules, clock: ports.clock },
      warnings: createInstallationWarnings({ notices, keyRotation: storage.keyRotation }),
    }),
    publicUrl,
    personalAccounts: config.signIn.personal,
    version,
    ports,
  });

  return {
    http: { ...api, ...pages },
    broker,
    jobs,
    rules,
    notices,
    keyRotation: storage.keyRotation,
    proveConsent: async (message) =>
      consentLinks.prove(consentMessage.parse(typeof message === 'string' ? JSON.parse(message) : message)),
    async sweep() {
      const removed = await storage.sweep();
      if (removed > 0) ports.log.info('rows_swept', { removed });
      await broker.people.goOn();
      const files = (await gathering.sweep()) + (await jobs.sweep());
      const inventories = await inventory.sweep();
      if (files + inventories > 0) ports.log.info('files_swept', { files, inventories });
    },
  };
}
