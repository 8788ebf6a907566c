import type { Directory } from '../directory/directory.ts';
import type { Exchange, Reply, Route } from '../http/route.ts';
import { type AccessTokens, resourceIdOf } from '../identity/access-tokens.ts';
import { findResource } from '../identity/resources.ts';

const LIFE = 86_400;

/** The managed identity of the app: the endpoint of App Service (2019-08-01), and the one of virtual machines. */
export function managedIdentityRoutes(parts: {
  readonly directory: Directory;
  readonly accessTokens: AccessTokens;
  readonly clock: () => number;
}): Route[] {
  const { directory, accessTokens } = parts;

  async function answer({ query }: Exchange, expires: (seconds: number) => unknown): Promise<Reply> {
    const { main } = directory.data;
    const principal = directory.principalById(main.managedIdentityId);
    const name = query.get('resource');
    const resource = name === null ? undefined : findResource(directory, name);
    if (!principal || !name || !resource) return refuse(400, `The resource "${name ?? ''}" is not known.`);
    const selectors = [
      'client_id',
      'clientid',
      'mi_res_id',
      'msi_res_id',
      'object_id',
      'principal_id',
    ].filter((one) => query.has(one));
    const [selector] = selectors;
    const fits =
      selector === undefined ||
      (selectors.length === 1 &&
        [principal.appId, principal.id, resourceIdOf(principal)].includes(query.get(selector) ?? ''));
    if (!fits) {
      return refuse(
        400,
        'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
      );
    }
    const { token, seconds } = await accessTokens.ofApp({
      tenantId: main.tenantId,
      principal,
      resource,
      proof: '2',
      seconds: LIFE,
    });
    const body = {
      access_token: token,
      expires_on: expires(seconds),
      resource: name,
      token_type: 'Bearer',
      client_id: principal.appId,
    };
    return { status: 200, body };
  }

  const until = (seconds: number) => String(Math.floor(parts.clock() / 1000) + seconds);
  const untilInWords = (seconds: number) =>
    `${new Date(parts.clock() + seconds * 1000).toLocaleString('en-US', { timeZone: 'UTC' }).replace(',', '')} +00:00`;
  const common = { listener: 'control', method: 'GET', contract: '10.4' } as const;
  return [
    {
      ...common,
      path: '/msi/token',
      summary: 'Token of the managed identity (App Service)',
      strict: 'X-IDENTITY-HEADER, api-version, one selector',
      handle: (exchange) => {
        // The protocol before 2019: another header, and a date in words.
        const old = exchange.query.get('api-version') === '2017-09-01';
        if (exchange.headers[old ? 'secret' : 'x-identity-header'] !== directory.data.main.identityHeader) {
          return refuse(401, 'The header X-IDENTITY-HEADER is missing or wrong.');
        }
        if (old) return answer(exchange, untilInWords);
        if (exchange.query.get('api-version') !== '2019-08-01')
          return refuse(400, 'Unsupported api-version.');
        return answer(exchange, until);
      },
    },
    {
      ...common,
      path: '/metadata/identity/oauth2/token',
      summary: 'Token of the managed identity (virtual machine)',
      strict: 'header Metadata: true',
      handle: (exchange) =>
        exchange.headers.metadata === 'true'
          ? answer(exchange, until)
          : refuse(400, 'Required metadata header not specified'),
    },
  ];
}

function refuse(statusCode: number, message: string): Reply {
  return { status: statusCode, body: { statusCode, message } };
}
