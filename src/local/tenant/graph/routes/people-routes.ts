import type { Application, User } from '../../directory/types.ts';
import type { Exchange, Reply } from '../../http/route.ts';
import { HttpFault } from '../../http/route.ts';
import { holdsAny, requireDirectory } from '../access/permission-names.ts';
import { decode, requireMe, requireUser, tokenOf } from '../addressing/find-drive.ts';
import { graphPath, keyed, userPath } from '../addressing/item-paths.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { contextUrl } from '../render/item-answer.ts';
import { directoryQuery } from '../wire/directory-query.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { queryOptions } from '../wire/query-options.ts';
import { odata } from '../wire/reply.ts';
import { nextLink, readPlace } from './children-routes.ts';

const READ_USERS = ['User.Read.All', 'User.ReadBasic.All', 'Directory.Read.All'];
const READ_APPS = ['Application.Read.All', 'Directory.Read.All', 'Application.ReadWrite.OwnedBy'];

/** People, the organisation, app registrations. */
export function peopleRoutes(context: GraphContext): GraphRoute[] {
  const { directory } = context;
  const eventual = (exchange: Exchange) => /^eventual$/i.test(exchange.headers.consistencylevel ?? '');

  /** `usual` are the properties of an answer without $select; every other can be selected and filtered. */
  function list(
    exchange: Exchange,
    what: string,
    all: readonly Record<string, unknown>[],
    usual?: readonly string[],
  ): Reply {
    const options = queryOptions(exchange);
    const { top, select, skipToken, count } = options;
    const from = skipToken === undefined ? 0 : readPlace(skipToken);
    if (top !== undefined && (top < 1 || top > 999)) {
      const text = `Invalid page size specified: '${top}'. Must be between 1 and 999 inclusive.`;
      throw new HttpFault(400, 'Request_UnsupportedQuery', text);
    }
    const found = directoryQuery(options, eventual(exchange), all);
    const size = top ?? 100;
    const value = found.slice(from, from + size).map((one) => pick(one, select ?? usual));
    return odata(200, {
      '@odata.context': contextUrl(exchange, what),
      ...(count && eventual(exchange) && from === 0 ? { '@odata.count': found.length } : {}),
      ...(from + size < found.length ? { '@odata.nextLink': nextLink(exchange, from + size) } : {}),
      value,
    });
  }

  function countOf(exchange: Exchange, number: number): Reply {
    if (!eventual(exchange)) {
      throw new HttpFault(400, 'Request_BadRequest', '$count is not currently supported.');
    }
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: String(number) };
  }

  const apps = (exchange: Exchange) =>
    directory.data.applications.filter((app) => app.tenantId === tokenOf(exchange).tenantId);

  return [
    graphRoute({
      method: 'GET',
      path: graphPath('/me'),
      display: '/me',
      summary: 'The signed-in person',
      contract: '8',
      handle(exchange) {
        const token = tokenOf(exchange);
        const user = requireMe(context, token);
        requireDirectory(token, [
          'User.Read',
          'User.ReadBasic.All',
          'User.Read.All',
          'User.ReadWrite',
          'Directory.Read.All',
        ]);
        const { select } = queryOptions(exchange);
        return odata(200, {
          '@odata.context': contextUrl(exchange, 'users/$entity'),
          ...pick(userJson(user), select ?? USUAL),
        });
      },
    }),
    graphRoute({
      method: 'GET',
      path: graphPath('/users/\\$count'),
      display: '/users/$count',
      summary: 'How many people there are',
      contract: '8',
      strict: 'ConsistencyLevel: eventual',
      handle(exchange) {
        requireDirectory(tokenOf(exchange), READ_USERS);
        return countOf(exchange, directory.users(tokenOf(exchange).tenantId).length);
      },
    }),
    graphRoute({
      method: 'GET',
      path: graphPath('/users'),
      display: '/users',
      summary: 'People',
      contract: '8',
      handle(exchange) {
        const token = tokenOf(exchange);
        requireDirectory(token, READ_USERS);
        const people = directory.users(token.tenantId).map(userJson);
        return list(exchange, 'users', people, USUAL);
      },
    }),
    graphRoute({
      method: 'GET',
      path: userPath(),
      display: '/users/{user}',
      summary: 'One person',
      contract: '8',
      handle(exchange) {
        const token = tokenOf(exchange);
        const user = requireUser(context, token, decode(exchange.params.user ?? ''));
        const own = user.id === token.oid && holdsAny(token, ['User.Read']);
        if (!own) requireDirectory(token, READ_USERS);
        const { select } = queryOptions(exchange);
        return odata(200, {
          '@odata.context': contextUrl(exchange, 'users/$entity'),
          ...pick(userJson(user), select ?? USUAL),
        });
      },
    }),
    graphRoute({
      method: 'GET',
      path: graphPath('/organization'),
      display: '/organization',
      summary: 'The organisation',
      contract: '8',
      handle(exchange) {
        const token = tokenOf(exchange);
        requireDirectory(token, ['Organization.Read.All', 'Directory.Read.All', 'User.Read']);
        const tenant = directory.tenant(token.tenantId);
        const domains = tenant?.domains ?? [];
        const value = {
          id: token.tenantId,
          displayName: tenant?.displayName,
          tenantType: 'AAD',
          createdDateTime: tenant?.createdDateTime,
          countryLetterCode: 'CH',
          verifiedDomains: domains.map((name, index) => ({
            name,
            isDefault: index === 0,
            isInitial: name.endsWith('.onmicrosoft.com'),
            type: 'Managed',
          })),
          assignedPlans: [{ service: 'SharePoint', capabilityStatus: 'Enabled' }],
        };
        return odata(200, { '@odata.context': contextUrl(exchange, 'organization'), value: [value] });
      },
    }),
    graphRoute({
      method: 'GET',
      path: graphPath('/applications/\\$count'),
      display: '/applications/$count',
      summary: 'How many app registrations there are',
      contract: '8',
      strict: 'ConsistencyLevel: eventual',
      handle(exchange) {
        requireDirectory(tokenOf(exchange), READ_APPS);
        return countOf(exchange, apps(exchange).length);
      },
    }),
    graphRoute({
      method: 'GET',
      path: graphPath('/applications'),
      display: '/applications',
      summary: 'App registrations with the expiry of their credentials',
      contract: '8',
      handle(exchange) {
        requireDirectory(tokenOf(exchange), READ_APPS);
        return list(exchange, 'applications', apps(exchange).map(applicationJson));
      },
    }),
    graphRoute({
      method: 'GET',
      path: graphPath(`(?:${keyed('applications', 'app')}|/applications\\(appId='(?<appId>[^']+)'\\))`),
      display: '/applications/{id}',
      summary: 'One app registration, by object id or by appId',
      contract: '8',
      handle(exchange) {
        requireDirectory(tokenOf(exchange), READ_APPS);
        const { app, appId } = exchange.params;
        const found = apps(exchange).find((one) =>
          appId === undefined ? one.id === app : one.appId === appId,
        );
        if (!found) throw faults.directoryNotFound(app ?? appId ?? '');
        const { select } = queryOptions(exchange);
        return odata(200, {
          '@odata.context': contextUrl(exchange, 'applications/$entity'),
          ...pick(applicationJson(found), select),
        });
      },
    }),
    graphRoute({
      method: 'GET',
      path: /^\/oidc\/userinfo\/?$/i,
      display: '/oidc/userinfo',
      summary: 'Claims about the signed-in person',
      contract: '1.1',
      handle(exchange) {
        const user = requireMe(context, tokenOf(exchange));
        const { id, displayName, surname, givenName, mail } = user;
        return odata(200, {
          sub: id,
          name: displayName,
          family_name: surname,
          given_name: givenName,
          email: mail,
        });
      },
    }),
  ];
}

/** What an answer about a person has when nothing is selected. */
const USUAL = [
  'businessPhones',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
  'id',
];

function userJson(user: User): Record<string, unknown> {
  return {
    businessPhones: [],
    displayName: user.displayName,
    givenName: user.givenName,
    jobTitle: user.jobTitle,
    mail: user.mail,
    mobilePhone: null,
    officeLocation: user.officeLocation,
    preferredLanguage: null,
    surname: user.surname,
    userPrincipalName: user.upn,
    id: user.id,
    accountEnabled: user.enabled,
    createdDateTime: user.createdDateTime,
    department: user.department,
    userType: 'Member',
  };
}

function pick(
  value: Record<string, unknown>,
  select: readonly string[] | undefined,
): Record<string, unknown> {
  if (select === undefined) return value;
  const wanted = new Set(select.map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(value).filter(([name]) => wanted.has(name.toLowerCase())));
}

function applicationJson(app: Application): Record<string, unknown> {
  return {
    id: app.id,
    appId: app.appId,
    displayName: app.displayName,
    signInAudience: app.signInAudience,
    createdDateTime: app.createdDateTime,
    identifierUris: app.identifierUris,
    passwordCredentials: app.secrets.map(
      ({ keyId, displayName, secretText, startDateTime, endDateTime }) => ({
        customKeyIdentifier: null,
        displayName,
        endDateTime,
        hint: secretText.slice(0, 3),
        keyId,
        secretText: null,
        startDateTime,
      }),
    ),
    keyCredentials: app.certificates.map(({ keyId, displayName, startDateTime, endDateTime }) => ({
      customKeyIdentifier: null,
      displayName,
      endDateTime,
      key: null,
      keyId,
      startDateTime,
      type: 'AsymmetricX509Cert',
      usage: 'Verify',
    })),
  };
}
