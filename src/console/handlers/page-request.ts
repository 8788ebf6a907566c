import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Handler } from '../../api/http.ts';
import { logFailure, toPublicError } from '../../api/http.ts';
import { newId, type Ports } from '../../ports.ts';
import { errorPage } from '../render-error.tsx';
import type { Frame } from '../views/layout.tsx';

/** A page's own work: it is given the frame to put the page in, and may throw. */
export type PageHandler = (request: HttpRequest, frame: Frame) => Promise<HttpResponseInit>;

/** A handler that never throws: an error becomes a page with its status, a request id and a next step. */
export function createPageHandler(deps: {
  readonly version: string;
  readonly ports: Pick<Ports, 'clock' | 'log' | 'random'>;
}): (handler: PageHandler) => Handler {
  const { version, ports } = deps;
  return (handler) => async (request) => {
    const frame: Frame = { version, requestId: newId('req', ports.random) };
    try {
      return await handler(request, frame);
    } catch (thrown) {
      const error = toPublicError(thrown);
      const answer = errorPage(error, frame, ports.clock());
      if ((answer.status ?? 500) >= 500) logFailure(ports, error, thrown, frame.requestId ?? '');
      return answer;
    }
  };
}
