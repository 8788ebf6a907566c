import * as z from 'zod';
import type { Exchange, Reply, VerifiedToken } from '../../http/route.ts';
import { HttpFault } from '../../http/route.ts';
import { coversFiles, holdsAny, SITES_READ } from '../access/permission-names.ts';
import { requireMe, requireUser, tokenOf } from '../addressing/find-drive.ts';
import { graphPath } from '../addressing/item-paths.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { contextUrl } from '../render/item-answer.ts';
import { dateTime, parse } from '../wire/bodies.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { odata } from '../wire/reply.ts';
import type { Notifier } from './notifier.ts';
import { type Subscription, subscriptionJson } from './subscription.ts';
import type { SubscriptionStore } from './subscription-store.ts';

const MINUTE = 60_000;
const MOST_MINUTES = 42_300;
const LEAST_MINUTES = 45;

const wanted = z.looseObject({
  changeType: z.string(),
  notificationUrl: z.string(),
  lifecycleNotificationUrl: z.string().nullish(),
  resource: z.string(),
  expirationDateTime: dateTime,
  clientState: z.string().max(128).nullish(),
  includeResourceData: z.boolean().nullish(),
  latestSupportedTlsVersion: z.string().optional(),
});
const renewal = z.strictObject({
  expirationDateTime: dateTime.optional(),
  notificationUrl: z.string().optional(),
});

/** Subscriptions on drives and lists. */
export function subscriptionRoutes(
  context: GraphContext,
  store: SubscriptionStore,
  notifier: Notifier,
): GraphRoute[] {
  const own = (exchange: Exchange): Subscription => {
    const token = tokenOf(exchange);
    const found = store.find(exchange.params.id ?? '');
    if (found && isOwn(found, token)) return found;
    throw new HttpFault(404, 'ResourceNotFound', 'The object was not found.');
  };
  const answer = (exchange: Exchange, status: number, one: Subscription, withState: boolean) =>
    odata(status, {
      '@odata.context': contextUrl(exchange, 'subscriptions/$entity'),
      ...subscriptionJson(one, withState),
    });

  async function create(exchange: Exchange): Promise<Reply> {
    const token = tokenOf(exchange);
    const ask = parse(exchange.json(), wanted);
    if (ask.changeType !== 'updated') {
      throw refuse(`changeType '${ask.changeType}' is not supported for this resource: use 'updated'.`);
    }
    if (ask.includeResourceData)
      throw refuse('File Services workload is not enabled for rich notifications.');
    if (context.switches.clientState === 'required' && !ask.clientState)
      throw refuse('clientState is required.');
    for (const url of [ask.notificationUrl, ask.lifecycleNotificationUrl])
      if (url != null) checkUrl(context, url);
    const target = targetOf(context, token, ask.resource);
    const expires = checkExpiry(context, ask.expirationDateTime);
    const double = store
      .ofApp(token.appId, token.tenantId)
      .find((one) => one.target === target && one.changeType === ask.changeType);
    if (double && context.switches.duplicateSubscription === 'refuse') {
      throw new HttpFault(
        409,
        'Conflict',
        `Subscription Id ${double.id} already exists for the requested combination.`,
      );
    }
    const one: Subscription = {
      id: context.newGuid(),
      resource: ask.resource,
      target,
      changeType: ask.changeType,
      notificationUrl: ask.notificationUrl,
      lifecycleNotificationUrl: ask.lifecycleNotificationUrl ?? null,
      clientState: ask.clientState ?? null,
      expires,
      appId: token.appId,
      tenantId: token.tenantId,
      creatorId: token.oid,
      security: /\bincludesecuritywebhooks\b/i.test(exchange.headers.prefer ?? ''),
      latestSupportedTlsVersion: ask.latestSupportedTlsVersion ?? 'v1_2',
    };
    await notifier.validate(one.notificationUrl);
    if (one.lifecycleNotificationUrl !== null) await notifier.validate(one.lifecycleNotificationUrl);
    store.put(one);
    return answer(exchange, 201, one, true);
  }

  async function renew(exchange: Exchange): Promise<Reply> {
    const old = own(exchange);
    const ask = parse(exchange.json(), renewal);
    if (ask.notificationUrl !== undefined) checkUrl(context, ask.notificationUrl);
    const next = {
      ...old,
      notificationUrl: ask.notificationUrl ?? old.notificationUrl,
      expires:
        ask.expirationDateTime === undefined ? old.expires : checkExpiry(context, ask.expirationDateTime),
    };
    if (ask.notificationUrl !== undefined || context.switches.validateOnRenewal)
      await notifier.validate(next.notificationUrl);
    store.put(next);
    notifier.authorised(next.id);
    return answer(exchange, 200, next, false);
  }

  const one = graphPath('/subscriptions/(?<id>[^/]+)');
  const route = (
    method: string,
    path: RegExp,
    display: string,
    summary: string,
    handle: GraphRoute['handle'],
  ) => graphRoute({ method, path, display, summary, contract: '5', handle });
  return [
    route(
      'POST',
      graphPath('/subscriptions'),
      '/subscriptions',
      'Makes a subscription after its handshake',
      create,
    ),
    route(
      'GET',
      graphPath('/subscriptions'),
      '/subscriptions',
      'The subscriptions of this app',
      (exchange) => {
        const token = tokenOf(exchange);
        const value = store
          .ofApp(token.appId, token.tenantId)
          .filter((each) => isOwn(each, token))
          .map((each) => subscriptionJson(each, false));
        return odata(200, { '@odata.context': contextUrl(exchange, 'subscriptions'), value });
      },
    ),
    route('GET', one, '/subscriptions/{id}', 'One subscription', (exchange) =>
      answer(exchange, 200, own(exchange), false),
    ),
    route('PATCH', one, '/subscriptions/{id}', 'Renews a subscription', renew),
    route('DELETE', one, '/subscriptions/{id}', 'Ends a subscription', (exchange) => {
      store.remove(own(exchange).id);
      return { status: 204 };
    }),
    route(
      'POST',
      graphPath('/subscriptions/(?<id>[^/]+)/reauthorize'),
      '/subscriptions/{id}/reauthorize',
      'Goes on after a challenge',
      (exchange) => {
        notifier.authorised(own(exchange).id);
        return { status: 204 };
      },
    ),
  ];
}

/** An app sees what it made; for a person it sees what it made for them. */
function isOwn(one: Subscription, token: VerifiedToken): boolean {
  if (one.appId !== token.appId || one.tenantId !== token.tenantId) return false;
  return token.kind === 'app' || one.creatorId === token.oid;
}

function refuse(message: string): HttpFault {
  return new HttpFault(400, 'InvalidRequest', message);
}

function checkUrl(context: GraphContext, text: string): void {
  const url = URL.parse(text);
  const loopback = url?.protocol === 'http:' && ['localhost', '127.0.0.1'].includes(url.hostname);
  if (url?.protocol === 'https:' || (loopback && context.options.loopbackNotifications)) return;
  throw refuse(`Invalid notification url '${text}': only https is supported.`);
}

function checkExpiry(context: GraphContext, time: number): number {
  const now = context.clock();
  if (time <= now) throw refuse('Subscription expiration can only be in the future.');
  const latest = now + MOST_MINUTES * MINUTE;
  // A minute of grace for clients whose clock is a little ahead.
  if (time > latest + MINUTE && context.switches.expiryAboveMaximum === 'refuse') {
    throw refuse(`Subscription expiration can only be ${MOST_MINUTES} minutes in the future.`);
  }
  return Math.min(latest, Math.max(time, now + LEAST_MINUTES * MINUTE));
}

/** The drive or list that a resource names, if the token may read it. */
function targetOf(context: GraphContext, token: VerifiedToken, resource: string): string {
  const path = resource.replace(/^\//, '');
  const list = /^sites\/([^/]+)\/lists\/([^/]+)$/i.exec(path);
  if (list) {
    const site = context.directory.data.sites.find(
      (one) => one.id.toLowerCase() === decodeURIComponent(list[1] ?? '').toLowerCase(),
    );
    const drive = site && context.drives.ofSite(site).find((one) => one.listId === list[2]?.toLowerCase());
    if (!drive || drive.tenantId !== token.tenantId) throw refuse(`resource '${resource}' is not supported.`);
    if (!holdsAny(token, SITES_READ)) throw faults.denied();
    return drive.id;
  }
  const byId = /^drives\/([^/]+)\/root$/i.exec(path);
  const byUser = /^users\/([^/]+)\/drive\/root$/i.exec(path);
  const drive = byId
    ? context.drives.byId(decodeURIComponent(byId[1] ?? ''))
    : byUser
      ? context.drives.ofUser(requireUser(context, token, decodeURIComponent(byUser[1] ?? '')))
      : /^me\/drive\/root$/i.test(path)
        ? context.drives.ofUser(requireMe(context, token))
        : undefined;
  if (!drive || drive.tenantId !== token.tenantId) throw refuse(`resource '${resource}' is not supported.`);
  const own = drive.ownerId === token.oid;
  if (!coversFiles(token, 'read', own) && !context.rights.onDrive(token, drive, 'read'))
    throw faults.denied();
  if (context.switches.selectedSubscriptions === 'refuse' && !coversFiles(token, 'read', own))
    throw faults.denied();
  return drive.id;
}
