import type { ListenerName, Route } from './route.ts';

/** A route that fits a request, and the values of its path parameters. */
export interface RouteMatch {
  readonly route: Route;
  readonly params: Record<string, string>;
}

export type RouteMatcher = (
  listener: ListenerName,
  method: string,
  pathname: string,
) => RouteMatch | undefined;

/**
 * Finds the first route, in the order given, that fits listener, method and raw pathname.
 * A trailing slash of the request is ignored by string paths; a malformed percent escape fits nothing.
 */
export function matchRoutes(routes: readonly Route[]): RouteMatcher {
  const table = new Map<string, { route: Route; pattern: RegExp; decode: boolean }[]>();
  for (const route of routes) {
    const entry = {
      route,
      pattern: typeof route.path === 'string' ? toPattern(route.path) : route.path,
      decode: typeof route.path === 'string',
    };
    for (const method of methodsOf(route.method)) {
      const key = `${route.listener} ${method}`;
      const list = table.get(key);
      if (list) list.push(entry);
      else table.set(key, [entry]);
    }
  }
  return (listener, method, pathname) => {
    const list = table.get(`${listener} ${method}`) ?? table.get(`${listener} OTHER`) ?? [];
    for (const { route, pattern, decode } of list) {
      const found = pattern.exec(pathname);
      if (!found) continue;
      const params = toParams(found.groups ?? {}, decode);
      if (params) return { route, params };
    }
    return undefined;
  };
}

const KNOWN = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'OTHER'];

function methodsOf(method: string): readonly string[] {
  if (method === 'ANY') return KNOWN;
  return method === 'GET' ? ['GET', 'HEAD'] : [method];
}

function toPattern(path: string): RegExp {
  const parts = path.split('/').slice(1);
  let source = '';
  for (const part of parts) {
    if (part.startsWith('*')) source += `(?:/(?<rest_${part.slice(1)}>.*))?`;
    else if (/^:\w+$/.test(part)) source += `/(?<${part.slice(1)}>[^/]+)`;
    else source += `/${part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;
  }
  return new RegExp(`^${source}/?$`, 'i');
}

function toParams(
  groups: Record<string, string | undefined>,
  decode: boolean,
): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  try {
    for (const [name, value] of Object.entries(groups)) {
      if (value === undefined) continue;
      if (decode && name.startsWith('rest_')) params[name.slice(5)] = value;
      else params[name] = decode ? decodeURIComponent(value) : value;
    }
  } catch {
    return undefined;
  }
  return params;
}
