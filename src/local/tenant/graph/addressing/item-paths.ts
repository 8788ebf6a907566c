/**
 * The many ways to write a drive and an item in a path, as sources of regular expressions over the raw
 * (percent-encoded) pathname. Names in a path can't contain colons, so a colon always ends a path.
 */
const key = (segment: string, name: string): string =>
  `(?:/${segment}/(?<${name}>[^/:]+)|/${segment}\\('(?<${name}>[^'/]+)'\\))`;

const SITE = `(?:${key('sites', 'site')}|/sites/(?<siteHost>[^/:]+):/(?<sitePath>[^:]*):)`;

const DRIVE = [
  '(?<me>/me)/drive',
  key('drives', 'drive'),
  `(?:/me|${key('users', 'anyUser')}|${SITE.replaceAll('<site', '<anySite')})${key('drives', 'drive')}`,
  `${key('users', 'user')}/drive`,
  `${key('groups', 'group')}/drive`,
  `${SITE}/drive`,
  `${SITE.replaceAll('<site', '<listSite')}${key('lists', 'list')}/drive`,
].join('|');

const ITEM_WITH_SEGMENT = [
  '/root',
  '/root:/(?<path>[^:]*):',
  key('items', 'item'),
  `${key('items', 'item')}:/(?<path>[^:]*):`,
  '/special/(?<special>[^/:]+)',
  '/special/(?<special>[^/:]+):/(?<path>[^:]*):',
].join('|');

const ITEM_ALONE = [
  '/root(?::/?)?',
  '/root:/(?<path>[^:]*):?',
  key('items', 'item'),
  `${key('items', 'item')}:/(?<path>[^:]*):?`,
  '/special/(?<special>[^/:]+)',
  '/special/(?<special>[^/:]+):/(?<path>[^:]*):?',
].join('|');

const ROOT = '/v1\\.0';

/** `/v1.0` and the given source, anchored; a trailing slash is tolerated. */
export function graphPath(source: string): RegExp {
  return new RegExp(`^${ROOT}${source}/?$`, 'i');
}

/** A drive, then `source`. */
export function drivePath(source = ''): RegExp {
  return graphPath(`(?:${DRIVE})${source}`);
}

/** An item, then `segment` such as `/children`. */
export function itemPath(segment = ''): RegExp {
  return graphPath(`(?:${DRIVE})(?:${segment === '' ? ITEM_ALONE : ITEM_WITH_SEGMENT})${segment}`);
}

/** A site, then `source`. */
export function sitePath(source = ''): RegExp {
  return graphPath(`${SITE}${source}`);
}

/** A user, then `source`. */
export function userPath(source = ''): RegExp {
  return graphPath(`${key('users', 'user')}${source}`);
}

/** One key of a collection, in both spellings: `/{segment}/{name}` and `/{segment}('{name}')`. */
export const keyed = key;
