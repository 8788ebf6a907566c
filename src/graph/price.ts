/** What a call takes from the budgets of its app in its tenant. */
export interface Price {
  /** Resource units of this minute. */
  readonly units: number;
  /** Calls that share something, of which five minutes allow fewer. */
  readonly sharing: number;
}

/**
 * What SharePoint charges for a call, refused ones included
 * (https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online);
 * `body` is what is sent. Each member of a batch is charged by itself.
 */
export function priceOf(method: string, url: string, body?: unknown): Price {
  const { pathname, search } = new URL(url);
  const path = decoded(pathname);
  if (/\/\$batch$/.test(path)) return sumOf(membersOf(body), url);
  return { units: unitsOf(method, path, search), sharing: isSharing(method, path) ? 1 : 0 };
}

/** 1 for one item, a download or a delta with a token; 2 for a list or a write; 5 for anything about permissions. */
function unitsOf(method: string, path: string, search: string): 1 | 2 | 5 {
  if (/\/(permissions|createLink|invite)(\/|$)/.test(path) || /[?&]\$?expand=[^&]*permissions/.test(search))
    return 5;
  if (method !== 'GET') return 2;
  if (/\/delta(\(|$)/.test(path)) return /\/delta\(token=/.test(path) || /[?&(]token=/.test(search) ? 1 : 2;
  if (
    /\/(children|versions|drives|sites|getAllSites|items|users|groups|applications|subscriptions)$/.test(path)
  )
    return 2;
  return /\/search\(/.test(path) || /[?&]search=/.test(search) ? 2 : 1;
}

/** To make, change or end a share: reading who has what is only dear. */
function isSharing(method: string, path: string): boolean {
  return method !== 'GET' && /\/(permissions|createLink|invite)(\/|$)/.test(path);
}

interface Member {
  readonly method: string;
  readonly url: string;
}

function sumOf(members: readonly Member[], batch: string): Price {
  const root = batch.replace(/\/\$batch.*$/, '');
  return members.reduce<Price>(
    (sum, { method, url }) => {
      const { units, sharing } = priceOf(method.toUpperCase(), `${root}/${url.replace(/^\//, '')}`);
      return { units: sum.units + units, sharing: sum.sharing + sharing };
    },
    { units: 0, sharing: 0 },
  );
}

/** The members of a batch as they will be sent. */
export function membersOf(body: unknown): Member[] {
  const requests = (body as { requests?: unknown } | undefined)?.requests;
  return Array.isArray(requests) ? requests.filter(isMember) : [];
}

function isMember(value: unknown): value is Member {
  const { method, url } = (value ?? {}) as Partial<Record<keyof Member, unknown>>;
  return typeof method === 'string' && typeof url === 'string';
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
