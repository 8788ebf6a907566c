import { z } from 'zod';
import { createConnections } from '../../../src/broker/connections.ts';
import { graphResource } from '../../../src/broker/issued-token.ts';
import { answerKey } from '../../../src/broker/stored-answer.ts';
import { createTokenRows, userRow } from '../../../src/broker/token-rows.ts';
import { readConfig } from '../../../src/config.ts';
import { systemPorts } from '../../../src/ports.ts';
import { createStorage } from '../../../src/storage/storage.ts';

// Stores as many connections of people as are asked for, each with a token that is good for a day, through the product's own
// storage code: what a broker of that size finds when it starts. Prints one JSON line: {"aliases":[...]}.

const count = z.coerce.number().int().min(1).max(100_000).parse(process.argv[2]);
const config = readConfig();
const ports = { ...systemPorts, log: { info() {}, warn() {}, error() {} } };
const storage = createStorage(config, ports);
const connections = createConnections({ storage, ports });
const rows = createTokenRows(storage);
const aliases: string[] = [];
const scopes = ['Files.Read.All', 'Sites.Read.All', 'User.Read'];
const life = 24 * 3_600_000;

let next = 0;
await Promise.all(
  Array.from({ length: 32 }, async () => {
    while (next < count) {
      const index = next;
      next += 1;
      const objectId = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
      const connection = await connections.saveUser({
        tenantId: config.entra.tenantId,
        objectId,
        displayName: `Person ${index}`,
        username: `person-${index}@contoso.example`,
        homeAccountId: `${objectId}.${config.entra.tenantId}`,
        scopes,
      });
      const now = Date.now();
      await rows.replace(connection.id, userRow, {
        fence: 0,
        answers: [
          {
            key: answerKey(connection.id, graphResource, []),
            accessToken: tokenOf(objectId),
            scopes,
            objectId,
            obtainedAt: now,
            expiresAt: now + life,
            refreshAt: now + life / 2,
            epoch: connection.epoch,
          },
        ],
      });
      aliases[index] = connection.alias;
    }
  }),
);
/** As long as one of Graph, and about that person; nobody here looks at a signature. */
function tokenOf(oid: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const { tenantId: tid, clientId: appid } = config.entra;
  const claims = { aud: graphResource, tid, oid, appid, scp: scopes.join(' '), idtyp: 'user' };
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ ...claims, xms: 'x'.repeat(700) })}.${'x'.repeat(342)}`;
}
// The line is longer than what a pipe holds: it must have left before the process does.
process.stdout.write(`${JSON.stringify({ aliases })}\n`, () => process.exit());
