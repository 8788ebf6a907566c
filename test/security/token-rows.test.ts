import { decodeJwt } from 'jose';
import type { Connection } from '../../src/broker/connection.ts';
import { type BrokerStage, createBrokerStage } from '../support/broker-stage.ts';
import { tokenStore } from '../support/token-store.ts';

describe('the rows of many people', () => {
  let stage: BrokerStage;
  beforeAll(async () => {
    stage = await createBrokerStage({ settings: { GRAPH_VALET_SIGN_IN_WAYS: 'password' } });
  });
  afterAll(() => stage.stop());

  it('[38] hold each its own account and its own newest refresh token, however their requests mix', async () => {
    const password = 'Many-People-9!';
    const { value: people } = await stage.control<{ value: { id: string; upn: string }[] }>(
      'POST',
      '/users',
      {
        count: 10,
        password,
      },
    );
    /** What Microsoft gave last, by account. */
    const newest = new Map<string, string>();
    const { broker } = stage.instance({
      async fetch(input, init) {
        const answer = await fetch(input, init);
        if (!String(input).includes('/oauth2/v2.0/token')) return answer;
        const body = (await answer.json()) as { client_info?: string; refresh_token?: string };
        if (body.client_info && body.refresh_token) {
          const { uid, utid } = JSON.parse(Buffer.from(body.client_info, 'base64url').toString());
          newest.set(`${uid}.${utid}`, body.refresh_token);
        }
        return Response.json(body, { status: answer.status });
      },
    });
    const connections: Connection[] = await Promise.all(
      people.map(({ upn }) => broker.ways.password({ username: upn, password })),
    );
    const get = (connection: Connection, forceRefresh = false) =>
      broker.getToken({ connectionId: connection.id, forceRefresh });
    const first = new Map(newest);
    await Promise.all(connections.map((connection) => get(connection, true)));
    expect([...newest].filter(([account, token]) => first.get(account) === token)).toEqual([]);

    // Ten thousand answers, all people in turn, while everybody is refreshed once more in the middle of it.
    const owners = new Map<string, Set<string>>();
    const asks = Array.from({ length: 10_000 }, async (_, index) => {
      const connection = connections[index % connections.length] as Connection;
      const token = await get(connection, index >= 5_000 && index < 5_010);
      expect(token.objectId).toBe(connection.objectId);
      owners.set(token.accessToken, (owners.get(token.accessToken) ?? new Set()).add(connection.id));
    });
    await Promise.all(asks);
    expect(owners.size).toBe(20);
    for (const [token, ids] of owners) {
      const [id] = ids;
      expect(ids.size).toBe(1);
      expect(decodeJwt(token).oid).toBe(connections.find((each) => each.id === id)?.objectId);
    }

    const store = tokenStore(stage);
    for (const connection of connections) {
      const { credentials } = await store.row(connection);
      expect(credentials?.account.entity.home_account_id).toBe(connection.homeAccountId);
      expect(credentials?.refreshToken.entity.home_account_id).toBe(connection.homeAccountId);
      expect(credentials?.refreshToken.entity.secret).toBe(newest.get(connection.homeAccountId ?? ''));
    }
    expect(new Set(newest.values()).size).toBe(10);
  });
});
