import { startTestHost, type TestHost } from '../../../support/local-host.ts';

describe('routes of the local host', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await startTestHost({
      app: 'http',
      env: { ROUTE: 'from/setting', 'AzureWebJobs.switchedOff.Disabled': 'true' },
    });
  });
  afterAll(() => host.child.stop());

  const status = async (path: string, method = 'GET') => (await fetch(host.url + path, { method })).status;

  it.each([
    ['/', { fn: 'root', params: {} }],
    ['/unnamed', { fn: 'unnamed', params: {} }],
    ['/optional', { fn: 'optional', params: {} }],
    ['/optional/', { fn: 'optional', params: {} }],
    ['/optional/one', { fn: 'optional', params: { name: 'one' } }],
    ['/OPTIONAL/Case', { fn: 'optional', params: { name: 'Case' } }],
    ['/optional/with%20space%C3%A4', { fn: 'optional', params: { name: 'with spaceä' } }],
    ['/optional/a%2Fb', { fn: 'optional', params: { name: 'a%2Fb' } }],
    ['/items/special', { fn: 'itemSpecial', params: {} }],
    ['/items/007', { fn: 'itemNumber', params: { id: '7' } }],
    ['/items/seven', { fn: 'itemName', params: { name: 'seven' } }],
    ['/files', { fn: 'anyFile', params: {} }],
    ['/files/a/b%20c/d.txt', { fn: 'anyFile', params: { rest: 'a/b c/d.txt' } }],
    ['/from/setting/here', { fn: 'fromSetting', params: {} }],
  ])('takes %s to the function and parameters that Azure would choose', async (path, expected) => {
    expect(await host.json(path)).toEqual(expected);
  });

  it('hands over typed parameters as .NET prints them', async () => {
    const id = '0F8FAD5B-D9CB-469F-A165-70867728950E';
    expect(await host.json(`/typed/${id}/true`)).toEqual({ params: { id: id.toLowerCase(), on: 'True' } });
  });

  it('chooses by method where several functions share a path', async () => {
    expect(await host.json('/items/special', { method: 'PUT' })).toEqual({
      fn: 'itemPut',
      params: { name: 'special' },
    });
  });

  it.each([
    ['an unknown path', '/unknown', 'GET'],
    ['a wrong method', '/echo', 'GET'],
    ['a parameter that does not fit its constraint', '/typed/not-a-guid/true', 'GET'],
    ['a segment too many', '/items/a/b', 'GET'],
    ['HEAD where only GET is registered', '/query', 'HEAD'],
    ['a function that a setting switched off', '/switchedOff', 'GET'],
  ])('answers 404 to %s', async (_, path, method) => {
    expect(await status(path, method)).toBe(404);
  });

  it('names its functions on the ready line, without the one switched off', () => {
    const names = host.functions.map(({ name }) => name);
    expect(names).toContain('itemNumber');
    expect(names).not.toContain('switchedOff');
    expect(host.functions.find(({ name }) => name === 'itemPut')).toEqual({
      name: 'itemPut',
      trigger: 'http',
      route: '/items/{name}',
      methods: ['PUT'],
      authLevel: 'anonymous',
    });
  });

  it('joins a repeated query key with commas', async () => {
    expect(await host.json('/query?q=1&q=2&r=%26')).toEqual([
      ['q', '1,2'],
      ['r', '&'],
    ]);
  });
});

describe('the route prefix of host.json', () => {
  it('stands before every route', async () => {
    const host = await startTestHost({
      app: 'http',
      env: { ROUTE: 'r', AzureFunctionsJobHost__extensions__http__routePrefix: 'api/v1' },
    });
    try {
      expect(await host.json('/api/v1/items/5')).toEqual({ fn: 'itemNumber', params: { id: '5' } });
      expect((await fetch(`${host.url}/items/5`)).status).toBe(404);
    } finally {
      await host.child.stop();
    }
  });
});
