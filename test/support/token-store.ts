import type { Connection } from '../../src/broker/connection.ts';
import { graphResource } from '../../src/broker/issued-token.ts';
import { appRow, createTokenRows, type TokenRow, userRow } from '../../src/broker/token-rows.ts';
import type { BrokerStage } from './broker-stage.ts';

export type TokenStore = ReturnType<typeof tokenStore>;

/** Looks into the stored tokens of a stage's connections, and changes them behind the product's back. */
export function tokenStore(stage: Pick<BrokerStage, 'storage' | 'control'>) {
  const rows = createTokenRows(stage.storage);
  const keyOf = ({ kind }: Connection) => (kind === 'user' ? userRow : appRow(graphResource));

  async function row(connection: Connection): Promise<TokenRow> {
    const found = await rows.read(connection.id, keyOf(connection));
    if (!found) throw new Error(`${connection.alias} has no row of tokens`);
    return found.value;
  }

  const write = (connection: Connection, value: TokenRow) =>
    rows.replace(connection.id, keyOf(connection), value);

  return {
    row,
    write,
    async refreshToken(connection: Connection): Promise<string> {
      const { credentials } = await row(connection);
      if (!credentials) throw new Error(`${connection.alias} has no refresh token`);
      return credentials.refreshToken.entity.secret;
    },
    /** A day has gone by for what is stored: no answer is good any more, the refresh token is. */
    async expire(connection: Connection): Promise<void> {
      const day = 86_400_000;
      const { pause: _, ...value } = await row(connection);
      const answers = value.answers.map((answer) => ({
        ...answer,
        obtainedAt: answer.obtainedAt - 2 * day,
        refreshAt: answer.refreshAt - 2 * day,
        expiresAt: answer.expiresAt - 2 * day,
      }));
      await write(connection, { ...value, answers });
    },
    /** How often the tenant was asked to refresh, whatever it answered. */
    async refreshes(): Promise<number> {
      const { counters } = await stage.control<{ counters: Record<string, number> }>('GET', '/calls');
      return Object.entries(counters)
        .filter(([name]) => /^token:refresh_token(:|$)/.test(name))
        .reduce((sum, [, count]) => sum + count, 0);
    },
  };
}
