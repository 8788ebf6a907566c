import { type BrokerStage, createBrokerStage } from '../../support/broker-stage.ts';

describe('the broker', () => {
  let stage: BrokerStage;
  beforeAll(async () => {
    stage = await createBrokerStage();
  });
  afterAll(() => stage.stop());

  it('keeps a connection of a person who signed in, and gives its tokens', async () => {
    const connection = await stage.connect('emma.larsen');
    expect(connection).toMatchObject({ kind: 'user', health: 'active' });
    const token = await stage.broker.getToken({ connectionId: connection.id });
    expect(token).toMatchObject({ objectId: connection.objectId, tenantId: stage.info.tenantId });
  });
});
