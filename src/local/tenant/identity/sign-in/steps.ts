import { randomInt } from 'node:crypto';
import type { User } from '../../directory/types.ts';
import type { Exchange, Reply } from '../../http/route.ts';
import { Refusal } from '../aadsts.ts';
import { mayEnter } from '../authority.ts';
import type { Consent } from '../consent.ts';
import type { IdentityWorld } from '../identity-world.ts';
import { checkUser, names } from '../user-checks.ts';
import type { Flow, Flows } from './flow.ts';
import { html } from './html.ts';
import { errorPage, page } from './page.ts';
import type { BrowserSessions, SignedIn } from './sessions.ts';

/** The pages of a sign-in, one after the other: who, password, second factor, consent. */
export interface Steps {
  /** The first page, or the end at once where a signed-in person has nothing left to do. */
  start(exchange: Exchange, flow: Flow, session: SignedIn | undefined): Reply;
  /** `POST /{tenant}/login`: the answers of one page. */
  submit(exchange: Exchange): Reply;
}

export function createSteps(
  world: IdentityWorld,
  parts: { readonly flows: Flows; readonly sessions: BrowserSessions; readonly consent: Consent },
): Steps {
  const { directory, switches } = world;
  const { flows, sessions, consent } = parts;
  const now = () => Math.floor(world.clock() / 1000);

  const people = (flow: Flow) =>
    directory.data.users.filter((user) => mayEnter(flow.authority, flow.app, user));

  function form(flow: Flow, body: ReturnType<typeof html>) {
    return html`<form method="post" action="/${flow.authority.segment}/login"><input type="hidden" name="_flow" value="${flow.id}">${body}</form>`;
  }

  function askAccount(flow: Flow, problem?: string): Reply {
    const shown = people(flow)
      .filter((user) => !flow.domainHint || fitsDomain(user, flow.domainHint))
      .slice(0, 12);
    return page(
      'Sign in',
      form(
        flow,
        html`<p class="muted">to go on to ${flow.app.displayName}</p>${problem && html`<p class="error">${problem}</p>`}
        ${shown.map((user, index) => html`<label class="person"><input type="radio" name="account" value="${user.upn}"${index === 0 && html` checked`}><span>${user.displayName}<small class="muted">${user.upn}</small></span></label>`)}
        <div class="row"><button class="main" type="submit">Next</button></div>`,
      ),
    );
  }

  function askPassword(flow: Flow, problem?: string): Reply {
    return page(
      'Enter password',
      form(
        flow,
        html`<p>${flow.account}</p>${problem && html`<p class="error">${problem}</p>`}
        <input type="hidden" name="account" value="${flow.account}">
        <label for="password">Password</label><input id="password" type="password" name="password" autocomplete="current-password" autofocus required>
        <div class="row"><button class="main" type="submit">Sign in</button></div>`,
      ),
    );
  }

  function askNumber(flow: Flow, problem?: string): Reply {
    flow.number = String(randomInt(10, 100));
    const choices = new Set([flow.number]);
    while (choices.size < 3) choices.add(String(randomInt(10, 100)));
    return page(
      'Approve sign-in request',
      form(
        flow,
        html`<p>Your authenticator asks for the number that is shown here.</p>${problem && html`<p class="error">${problem}</p>`}
        <output data-number="${flow.number}">${flow.number}</output>
        <p class="muted">This is the phone: choose the number.</p>
        <div class="row">${[...choices].sort().map((one) => html`<button type="submit" name="number" value="${one}">${one}</button>`)}</div>`,
      ),
    );
  }

  function askConsent(flow: Flow, user: User): Reply {
    const { app, asked } = flow;
    const wanted = flow.adminConsent
      ? app.requires.flatMap((one) => [...one.roles.map((role) => `${role} (application)`), ...one.scopes])
      : asked.everything
        ? app.requires
            .filter((one) => one.resourceAppId === asked.resource.appId)
            .flatMap((one) => one.scopes)
        : asked.scopes;
    return page(
      'Permissions requested',
      form(
        flow,
        html`<p><strong>${app.displayName}</strong>${flow.adminConsent ? ' asks for these permissions for your whole organisation:' : ' would like to:'}</p>
        <ul>${wanted.map((one) => html`<li><code>${one}</code></li>`)}</ul>
        <p class="muted">${user.upn}</p>
        <div class="row"><button type="submit" name="decision" value="cancel">Cancel</button><button class="main" type="submit" name="decision" value="accept">Accept</button></div>`,
      ),
    );
  }

  /** What is left to be done by a person who is known. */
  function proceed(exchange: Exchange, flow: Flow, user: User, session: SignedIn | undefined): Reply {
    const needsFactor = (user.mfa || names(switches.get().requireMfa, user)) && !flow.methods.includes('mfa');
    if (needsFactor) return askNumber(flow);
    if (flow.adminConsent) {
      if (!user.admin) {
        return page(
          'Need admin approval',
          html`<p>${flow.app.displayName} needs permission that only an administrator can grant.</p><p class="muted">AADSTS90094: ${user.upn} is not an administrator.</p>`,
          { status: 403, headers: cookie(exchange, flow, user, session) },
        );
      }
      return withCookie(exchange, flow, user, session, askConsent(flow, user));
    }
    const missing = consent.missing(flow.app, user, flow.asked);
    if (missing.length > 0 && consent.needsAdministrator(user, flow.asked.resource, missing)) {
      return page(
        'Need admin approval',
        html`<p>${flow.app.displayName} needs permission to access resources in your organisation that only an administrator can grant.</p><p class="muted">AADSTS90094: ${missing.join(' ')}</p>`,
        { status: 403, headers: cookie(exchange, flow, user, session) },
      );
    }
    if (missing.length > 0 || flow.askConsent)
      return withCookie(exchange, flow, user, session, askConsent(flow, user));
    return finish(exchange, flow, user, session);
  }

  function finish(exchange: Exchange, flow: Flow, user: User, session: SignedIn | undefined): Reply {
    flows.end(flow);
    const end = { user, authTime: flow.authTime, methods: flow.methods };
    return withCookie(exchange, flow, user, session, flow.finish(exchange, end));
  }

  function cookie(
    exchange: Exchange,
    flow: Flow,
    user: User,
    session: SignedIn | undefined,
  ): Record<string, string> {
    if (session && session.userId === user.id && session.authTime === flow.authTime) return {};
    const person = { userId: user.id, authTime: flow.authTime, methods: flow.methods };
    return { 'set-cookie': sessions.add(exchange, person) };
  }

  function withCookie(
    exchange: Exchange,
    flow: Flow,
    user: User,
    session: SignedIn | undefined,
    reply: Reply,
  ): Reply {
    return { ...reply, headers: { ...reply.headers, ...cookie(exchange, flow, user, session) } };
  }

  function submit(exchange: Exchange): Reply {
    const fields = exchange.form();
    const flow = flows.find(fields.get('_flow') ?? '');
    if (!flow)
      return errorPage('The sign-in has expired. Start again from the app.', 50058, exchange.requestId);
    const { user } = flow;
    if (user) return goOn(exchange, flow, user, fields);

    const account = fields.get('account')?.trim();
    if (!account) return askAccount(flow, 'Choose an account.');
    const found = directory.findUser(account);
    if (!found || !mayEnter(flow.authority, flow.app, found)) {
      return askAccount(flow, `AADSTS50020: ${account} can't sign in to ${flow.app.displayName} here.`);
    }
    flow.account = found.upn;
    const password = fields.get('password');
    if (password === null) return askPassword(flow);
    checkUser(found, switches.get());
    if (password !== found.password)
      return askPassword(flow, 'AADSTS50126: Your account or password is incorrect.');
    flow.user = found;
    flow.methods = ['pwd'];
    flow.authTime = now();
    return proceed(exchange, flow, found, undefined);
  }

  function goOn(exchange: Exchange, flow: Flow, user: User, fields: URLSearchParams): Reply {
    if (flow.number !== undefined && !flow.methods.includes('mfa')) {
      if (fields.get('number') !== flow.number) return askNumber(flow, 'That was not the number.');
      flow.methods = [...flow.methods, 'mfa'];
      return proceed(exchange, flow, user, undefined);
    }
    const decision = fields.get('decision');
    if (decision === 'accept') {
      if (flow.adminConsent) consent.grantTenant(flow.app, user.tenantId);
      else {
        const { resource, scopes, everything } = flow.asked;
        const required = flow.app.requires.filter((one) => one.resourceAppId === resource.appId);
        consent.grantUser(
          flow.app,
          user,
          resource,
          everything ? required.flatMap((one) => one.scopes) : scopes,
        );
      }
      return finish(exchange, flow, user, undefined);
    }
    if (decision === 'cancel') {
      flows.end(flow);
      return flow.refuse('access_denied', 65004, 'User declined to consent to access the app.');
    }
    return proceed(exchange, flow, user, undefined);
  }

  return {
    start(exchange, flow, session) {
      const user = session && directory.findUser(session.userId);
      if (session && user) {
        flow.user = user;
        flow.methods = [...session.methods];
        flow.authTime = session.authTime;
        return proceed(exchange, flow, user, session);
      }
      const hinted = flow.loginHint === undefined ? undefined : directory.findUser(flow.loginHint);
      if (!hinted || !mayEnter(flow.authority, flow.app, hinted)) return askAccount(flow);
      flow.account = hinted.upn;
      return askPassword(flow);
    },
    submit(exchange) {
      try {
        return submit(exchange);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return errorPage(error.message, error.code, exchange.requestId);
      }
    },
  };
}

function fitsDomain(user: User, hint: string): boolean {
  const personal = user.tenantId.startsWith('9188040d');
  if (hint === 'consumers') return personal;
  if (hint === 'organizations') return !personal;
  return user.upn.toLowerCase().endsWith(`@${hint.toLowerCase()}`);
}
