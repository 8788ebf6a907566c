import { z } from 'zod';
import type { BrokerStage } from './broker-stage.ts';

/** A new version of a secret in the stage's key vault, as its operator would store it. */
export async function putVaultSecret(
  { info }: Pick<BrokerStage, 'info'>,
  name: string,
  value: string,
): Promise<void> {
  const query = 'api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net';
  const identity = await fetch(`${info.identityEndpoint}?${query}`, {
    headers: { 'x-identity-header': info.identityHeader },
  });
  const { access_token } = z.object({ access_token: z.string() }).parse(await identity.json());
  const answer = await fetch(`${info.vaultUrl}/secrets/${name}?api-version=7.5`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ value }),
  });
  if (!answer.ok) throw new Error(`the key vault answered ${answer.status}: ${await answer.text()}`);
}
