import type { Readable } from 'node:stream';

/** The places that the tenant listens at; each has a port of its own. */
export type ListenerName = 'login' | 'pages' | 'graph' | 'files' | 'vault' | 'control';

/** Base URLs (no trailing slash) of every listener as seen by the client of one exchange. */
export type Urls = Readonly<Record<ListenerName, string>>;

/** What a Graph, vault or own-API access token says about its bearer; only ever built from a verified token. */
export interface VerifiedToken {
  readonly kind: 'user' | 'app';
  readonly tenantId: string;
  readonly appId: string;
  /** Object id of the user, or of the service principal for an app token. */
  readonly oid: string;
  readonly upn?: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

/** One request as a route sees it. */
export interface Exchange {
  readonly listener: ListenerName;
  readonly method: string;
  /** Absolute, with scheme and host as the client sent them. */
  readonly url: URL;
  /** `:name` segments come percent-decoded, `*rest` and RegExp groups raw. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Names in lower case; repeated headers joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  form(): URLSearchParams;
  /** Throws HttpFault 400 when the body isn't JSON. */
  json(): unknown;
  readonly requestId: string;
  /** Set on the graph listener for every route that isn't `anonymous`. */
  readonly token?: VerifiedToken;
  readonly urls: Urls;
}

/** An object body is sent as JSON; a string or Buffer needs its own content-type header. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer | Readable | object;
}

/** One endpoint. `summary`, `contract`, `strict` and `omitted` feed the table in README.md. */
export interface Route {
  readonly listener: ListenerName;
  /** Upper case, or 'ANY'. A GET route also answers HEAD. */
  readonly method: string;
  /** `/a/:id/*rest` (literals match in any case), or an anchored RegExp on the raw pathname with named groups. */
  readonly path: string | RegExp;
  readonly summary: string;
  /** Section of the wire contract. */
  readonly contract: string;
  readonly strict?: string;
  readonly omitted?: string;
  /** Graph listener only: the route is called without a verified token too. */
  readonly anonymous?: boolean;
  handle(exchange: Exchange): Reply | Promise<Reply>;
}

/** A refusal that a route throws; the listener gives it the error shape of its service. */
export class HttpFault extends Error {
  readonly status: number;
  readonly code: string;
  readonly inner: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { inner?: string; headers?: Record<string, string | readonly string[]> } = {},
  ) {
    super(message);
    this.name = 'HttpFault';
    this.status = status;
    this.code = code;
    this.inner = more.inner;
    this.headers = more.headers ?? {};
  }
}
