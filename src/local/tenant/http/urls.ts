import type { ListenerName, Urls } from './route.ts';

export type Ports = Readonly<Record<ListenerName, number>>;

const LOGIN_HOSTS = new Set([
  'login.microsoftonline.com',
  'login.windows.net',
  'login.microsoft.com',
  'sts.windows.net',
]);

/** Which listener serves a real host name of the service; undefined when the tenant plays no such host. */
export function listenerOfHost(host: string): ListenerName | undefined {
  const name = host.toLowerCase();
  if (LOGIN_HOSTS.has(name)) return 'login';
  if (name === 'graph.microsoft.com') return 'graph';
  if (name.endsWith('.sharepoint.com')) return 'files';
  if (name.endsWith('.vault.azure.net')) return 'vault';
  return undefined;
}

/** `http` for what a browser opens and for the control listener, else `https`. */
export function schemeOf(listener: ListenerName): 'http' | 'https' {
  return listener === 'pages' || listener === 'control' ? 'http' : 'https';
}

/**
 * Base URLs for an answer to a client that reached `listener` by the Host header `host`: the listener's own URL
 * stays as the client spelled it, the others follow the family (real names, or localhost and a port).
 */
export function toUrls(ports: Ports, listener: ListenerName, host: string | undefined): Urls {
  const [name = ''] = (host ?? '').split(':');
  const real = listenerOfHost(name) !== undefined;
  const local = (target: ListenerName) => `${schemeOf(target)}://localhost:${ports[target]}`;
  const own = host ? `${schemeOf(listener)}://${host}` : local(listener);
  const family: Urls = real
    ? {
        login: 'https://login.microsoftonline.com',
        // Behind real names a browser comes through the proxy, and the login listener serves the pages too.
        pages: 'https://login.microsoftonline.com',
        graph: 'https://graph.microsoft.com',
        files: 'https://contoso-my.sharepoint.com',
        vault: 'https://graph-valet.vault.azure.net',
        control: local('control'),
      }
    : {
        login: local('login'),
        pages: local('pages'),
        graph: local('graph'),
        files: local('files'),
        vault: local('vault'),
        control: local('control'),
      };
  return { ...family, [listener]: own };
}
