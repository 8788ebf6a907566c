/**
 * Resource units that SharePoint charges for a call, refused ones included
 * (https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online):
 * 1 for one item, a download or a delta with a token; 2 for a list or a write; 5 for anything about permissions.
 */
export function priceOf(method: string, url: string): 1 | 2 | 5 {
  const { pathname, search } = new URL(url);
  const path = decodeURIComponent(pathname);
  if (/\/(permissions|createLink|invite)(\/|$)/.test(path) || /[?&]\$?expand=[^&]*permissions/.test(search))
    return 5;
  if (method !== 'GET') return 2;
  if (/\/delta(\(|$)/.test(path)) return /\/delta\(token=/.test(path) || /[?&(]token=/.test(search) ? 1 : 2;
  if (/\/(children|versions|drives|sites|items|users|subscriptions)$/.test(path)) return 2;
  return /\/search\(/.test(path) || /[?&]search=/.test(search) ? 2 : 1;
}
