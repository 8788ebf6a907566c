import { createAuthenticateCaller } from '../../src/api/authenticate-caller.ts';
import { createOnBehalfGrants } from '../../src/api/oauth-on-behalf.ts';
import { createTokenEndpoint } from '../../src/api/oauth-token.ts';
import { createBroker } from '../../src/broker/broker.ts';
import { readConfig } from '../../src/config.ts';
import { type Ports, systemPorts } from '../../src/ports.ts';
import { createStorage } from '../../src/storage/storage.ts';
import { serveHandlers } from './handler-site.ts';

// One instance of the broker as a process of its own, with its token endpoint. Prints {"url":"…"}, then a line for each answer
// of the identity platform to a refresh. With HOLD_ANSWERS such an answer never reaches the product: the process hangs exactly
// between what Microsoft did and what the store knows.

const hold = process.env.HOLD_ANSWERS !== undefined;
const config = readConfig();
const ports: Ports = {
  ...systemPorts,
  log: { info() {}, warn() {}, error() {} },
  async fetch(input, init) {
    const answer = await systemPorts.fetch(input, init);
    if (String(init?.body ?? '').includes('grant_type=refresh_token')) {
      console.log(`refreshed ${answer.status}`);
      if (hold) await new Promise(() => {});
    }
    return answer;
  },
};
const broker = createBroker({ config, storage: createStorage(config, ports), ports });
const { audit, issueToken } = broker;
const authenticate = createAuthenticateCaller(broker);
const onBehalf = createOnBehalfGrants({ onBehalfOf: broker.onBehalfOf, clock: ports.clock });
const token = createTokenEndpoint({ authenticate, issueToken, onBehalf, ownGrants: {}, audit, ports });
const site = await serveHandlers(() => ({ 'POST /oauth2/token': token }));
console.log(JSON.stringify({ url: site.url }));
