import { AppError } from '../errors.ts';

/** The absolute address of a call; a link that Graph gave is used as it is. Throws `invalid_request` for any other host. */
export function graphAddress(graphUrl: string, path: string): string {
  const address = path.startsWith('/') ? `${graphUrl}/v1.0${path}` : path;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const home = new URL(graphUrl);
  if (url?.origin !== home.origin || url.username !== '' || !url.pathname.startsWith('/v1.0/')) {
    throw new AppError('invalid_request', 'This is no address of Microsoft Graph v1.0.');
  }
  return address;
}

/** Throws `graph_error` unless `address` is https without credentials: where Graph sends a client for contents. */
export function preauthenticatedAddress(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:' || url.username !== '') {
    throw new AppError('graph_error', 'Microsoft Graph gave an address that is not https.');
  }
  return address;
}
