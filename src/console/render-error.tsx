import type { HttpResponseInit } from '@azure/functions';
import { retryHeaders, statusOf } from '../api/http.ts';
import type { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { renderPage } from './render-page.tsx';
import { ErrorPage, type ErrorPageContent } from './views/error-page.tsx';
import type { Frame } from './views/layout.tsx';
import { errorText } from './words/error-texts.ts';

/** An error as a page: what happened and the next step from the table of codes, the cause from the error itself. */
export function errorPage(error: AppError, frame: Frame, now: number): HttpResponseInit {
  const { title, who, next } = errorText(error.code);
  const status = statusOf(error.code);
  const content = { status, title, message: error.message, code: error.code, who, next };
  const page = renderPage(status, { title, body: <ErrorPage frame={frame} content={content} now={now} /> });
  return { ...page, headers: { ...page.headers, ...retryHeaders(error) } };
}

/** What somebody outside the console (the sign-in) gives to have an error shown. */
export type RenderError = (
  problem: ErrorPageContent & { readonly requestId?: string | undefined },
) => HttpResponseInit;

export function createRenderError(deps: {
  readonly version: string;
  readonly ports: Pick<Ports, 'clock'>;
}): RenderError {
  return ({ requestId, ...content }) =>
    renderPage(content.status, {
      title: content.title,
      body: (
        <ErrorPage frame={{ version: deps.version, requestId }} content={content} now={deps.ports.clock()} />
      ),
    });
}
