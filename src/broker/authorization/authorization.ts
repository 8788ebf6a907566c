import type { Config } from '../../config.ts';
import type { Ports } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Connections } from '../connections.ts';
import { type BrokerTokens, createBrokerTokens } from './broker-tokens.ts';
import { type CodeRequests, createCodeRequests } from './code-requests.ts';
import { createDeviceRequests, type DeviceRequests } from './device-requests.ts';

/** This installation as an authorization server for the programs of its people. Never a token of Microsoft's. */
export interface Authorization {
  readonly tokens: BrokerTokens;
  readonly devices: DeviceRequests;
  readonly codes: CodeRequests;
  /** Ends every program that was let in under this connection, also one that has not fetched its tokens yet. */
  endAllOf(connectionId: string): Promise<void>;
}

export function createAuthorization(deps: {
  readonly config: Pick<Config, 'administrators' | 'entra' | 'publicUrl'>;
  readonly storage: Pick<Storage, 'sealedTable'>;
  readonly connections: Pick<Connections, 'get'>;
  readonly ports: Pick<Ports, 'clock' | 'random' | 'log'>;
}): Authorization {
  const { storage, ports } = deps;
  const tokens = createBrokerTokens(deps);
  const devices = createDeviceRequests({ storage, ports });
  const codes = createCodeRequests({
    issuer: deps.config.publicUrl,
    storage,
    endFamily: tokens.endFamily,
    ports,
  });
  return {
    tokens,
    devices,
    codes,
    async endAllOf(connectionId) {
      // What could still become a program first.
      await codes.endAllOf(connectionId);
      await devices.endAllOf(connectionId);
      await tokens.endAllOf(connectionId);
    },
  };
}
