import { AppError } from '../../errors.ts';

/** A program on a person's own machine that may sign them in to this installation. It has no secret: it could keep none. */
export interface PublicClient {
  readonly id: string;
  readonly name: string;
}

const clients: readonly PublicClient[] = [{ id: 'graph-valet-cli', name: 'the Graph Valet command line' }];

/** Throws `invalid_client`. */
export function requirePublicClient(id: string | null | undefined): PublicClient {
  const found = clients.find((client) => client.id === id);
  if (found) return found;
  throw new AppError(
    'invalid_client',
    `client_id must be ${clients.map((client) => client.id).join(' or ')}.`,
  );
}

/** The one scope of this installation's own tokens: all that the person may do on /api. */
export const apiScope = 'api';

/** Nothing less than the whole can be asked for, nor anything else. Throws `invalid_scope`. */
export function requireApiScope(scope: string | null | undefined): void {
  const unknown = (scope ?? '')
    .split(' ')
    .filter((each) => each && each !== apiScope && each !== 'offline_access');
  if (unknown.length > 0) {
    throw new AppError('invalid_scope', `The scope of this installation’s own tokens is ${apiScope}.`);
  }
}
