import type { Directory } from '../directory/directory.ts';
import type { Seeded } from '../seed.ts';
import type { Secrets } from './secrets.ts';

/** What the deployment script of Graph Valet would have put into its vault; nothing where an earlier run left it. */
export function seedSecrets(secrets: Secrets, directory: Directory, seeded: Seeded): void {
  const { clientId } = directory.data.main;
  const secret = directory.application(clientId)?.secrets[0]?.secretText;
  if (secret !== undefined && !secrets.find('graph-valet-client-secret')) {
    secrets.add('graph-valet-client-secret', { value: secret });
  }
  if (!secrets.find('graph-valet-cache-key')) {
    secrets.add('graph-valet-cache-key', { value: seeded.bytes('cache key', 32).toString('base64') });
  }
}
