import { apiHeaders, json, withHeaders } from '../../api/http.ts';
import { AppError } from '../../errors.ts';
import { errorPage } from '../render-error.tsx';
import type { PageHandler } from './page-request.ts';

/** Whatever no route serves: a page for a browser, the API's error for everybody else. */
export function createNotFound(deps: { readonly now: () => number }): PageHandler {
  return async (request, frame) => {
    const error = new AppError('not_found', 'No page and no endpoint of Graph Valet has this address.');
    if ((request.headers.get('accept') ?? '').includes('text/html'))
      return errorPage(error, frame, deps.now());
    return withHeaders(
      json(404, { error: { code: error.code, message: error.message, requestId: frame.requestId } }),
      apiHeaders,
    );
  };
}
