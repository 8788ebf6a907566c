import path from 'node:path';
import { z } from 'zod';
import { spawnChild } from '../../../src/local/launcher/child.ts';
import { measure } from '../load/measure.ts';
import { type Part, tokenUrl } from '../token.ts';
import { addPeople, identityCalls, setTokenLife } from './tenant-control.ts';

const connections = 1_000;
const atOnce = 64;
const password = 'Storm-2026';

/** A thousand people's tokens end together, and all are asked for; the peer refreshes the same by msal-node and keeps nothing. */
export const storm: Part = {
  cases: ['token-storm'],
  async run(stage, { report, say }) {
    const { stack } = stage;
    say(`storm: signing in ${connections.toLocaleString('en')} people whose tokens end at once`);
    const upns = await addPeople(stack, connections, password);
    await setTokenLife(stack, 1);
    const child = spawnChild({
      entry: path.join(import.meta.dirname, 'sign-in-many.ts'),
      env: {
        ...stage.settings,
        SIGN_IN_MANY: JSON.stringify({ upns, password, atOnce }),
        ENTRA_CLIENT_SECRET: stack.tenant.clientSecret,
        NODE_EXTRA_CA_CERTS: stack.tenant.caFile,
      },
      name: 'sign-in-many.ts',
    });
    const answer = z.object({ aliases: z.array(z.string()), refreshSeconds: z.number() });
    const { aliases, refreshSeconds } = answer.parse(await child.firstJsonLine());
    await child.exited;
    await setTokenLife(stack, undefined);

    const before = await identityCalls(stack);
    const result = await measure({
      url: tokenUrl(stage),
      method: 'POST',
      requests: aliases.map((alias) => stage.byKey(alias)),
      connections: atOnce,
      most: connections,
      seconds: 110,
    });
    const calls = (await identityCalls(stack)) - before;
    const note = `seconds for ${connections} refreshes, ${atOnce} at once, ${calls} calls; peer: msal-node that keeps nothing`;
    const ratio = result.seconds / refreshSeconds;
    report({
      bench: 'token',
      case: 'token-storm',
      ours: result.seconds,
      peer: refreshSeconds,
      ratio,
      unit: 's',
      note,
    });
    if (calls !== connections) throw new Error(`${calls} calls of the tenant for ${connections} connections`);
  },
};
