import type { HttpRequest } from '@azure/functions';
import type { Authorize } from '../../api/authorize.ts';
import type { ChangeConnection } from '../../api/connection-changes.ts';
import { createFindConnection } from '../../api/connection-view.ts';
import { readForm, routeParameter, statusOf } from '../../api/http.ts';
import type { Broker } from '../../broker/broker.ts';
import { namesConnection } from '../../broker/judge.ts';
import type { Person } from '../../broker/sessions.ts';
import { AppError, isAppError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import { renderPage, seeOther } from '../render-page.tsx';
import { type ConnectionNews, ConnectionPage } from '../views/connection-page.tsx';
import type { Frame } from '../views/layout.tsx';
import type { PageHandler } from './page-request.ts';

export interface ConnectionsDeps {
  readonly authorize: Authorize;
  readonly broker: Pick<Broker, 'connections' | 'policies' | 'getToken'>;
  readonly changeConnection: ChangeConnection;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'clock'>;
}

/** What the page says after each action. */
const done: ReadonlyMap<string, string> = new Map(
  Object.entries({
    refresh: 'Microsoft gave a new token: the connection works.',
    rename: 'The connection has its new name. Other instances use it within five seconds.',
    'switch-off': 'The connection is switched off. Other instances follow within five seconds.',
    'switch-on': 'The connection is switched on.',
    'sign-out': 'Signed out everywhere. Other instances follow within five seconds.',
  }),
);

/** The page of one connection, and the forms on it. */
export function createConnectionPages(deps: ConnectionsDeps): Record<'page' | 'act', PageHandler> {
  const { authorize, broker, changeConnection, publicUrl, ports } = deps;
  const find = createFindConnection(broker.connections);

  async function show(
    id: string,
    person: Person,
    frame: Frame,
    news: ConnectionNews | undefined,
    status = 200,
  ) {
    const connection = await find(id, person);
    const policies = person.administrator
      ? (await broker.policies.list()).filter(({ grant }) => namesConnection(grant.connection, connection))
      : undefined;
    const body = (
      <ConnectionPage
        frame={frame}
        person={person}
        connection={connection}
        policies={policies}
        news={news}
        publicUrl={publicUrl}
        now={ports.clock()}
      />
    );
    return renderPage(status, { title: connection.alias, body });
  }

  async function perform(
    action: string,
    id: string,
    person: Person,
    form: URLSearchParams,
    requestId: string,
  ) {
    switch (action) {
      case 'refresh': {
        const found = await find(id, person);
        await broker.getToken({ connectionId: found.id, forceRefresh: true });
        return;
      }
      case 'rename':
        await changeConnection.rename(id, form.get('alias') ?? '', person, requestId);
        return;
      case 'switch-off':
      case 'switch-on':
        await changeConnection.setEnabled(id, action === 'switch-on', person, requestId);
        return;
      case 'sign-out':
        await changeConnection.signOut(id, person, requestId);
        return;
      case 'remove':
        return changeConnection.remove(id, person, requestId);
      default:
        throw new AppError('not_found', 'There is nothing at this address.');
    }
  }

  return {
    /** `GET /connections/{id}` */
    async page(request, frame) {
      const person = await authorize(request, 'person', { sessionOnly: true });
      const text = done.get(request.query.get('done') ?? '');
      const news = text === undefined ? undefined : ({ tone: 'good', text } as const);
      return show(routeParameter(request, 'id'), person, frame, news);
    },

    /** `POST /connections/{id}/{action}` */
    async act(request: HttpRequest, frame) {
      const form = await readForm(request);
      const person = await authorize(request, 'person', { csrf: form.get('csrf') ?? '', sessionOnly: true });
      const { id } = await find(routeParameter(request, 'id'), person);
      const action = routeParameter(request, 'action');
      try {
        await perform(action, id, person, form, frame.requestId ?? '');
      } catch (error) {
        // What stood against it belongs on the page where it was tried; a stranger's address does not.
        if (!isAppError(error) || error.code === 'not_found') throw error;
        return show(id, person, frame, { tone: 'bad', text: error.message }, statusOf(error.code));
      }
      const own = id === person.connectionId;
      const gone = action === 'remove' || (own && (action === 'sign-out' || action === 'switch-off'));
      return seeOther(gone ? '/' : `/connections/${id}?done=${action}`);
    },
  };
}
