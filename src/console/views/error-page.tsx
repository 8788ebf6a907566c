import type { NextStep } from '../words/error-texts.ts';
import { type Frame, Layout } from './layout.tsx';
import type { View } from './view.ts';

/** How a page tells an error: what happened, why, who can act, what to do next, and what to quote. */
export interface ErrorPageContent {
  readonly status: number;
  /** What happened, in the past tense. */
  readonly title: string;
  /** The cause, as far as it is known. Never Microsoft's own text. */
  readonly message: string;
  /** Stable code. */
  readonly code?: string | undefined;
  readonly who?: string | undefined;
  readonly next?: NextStep | undefined;
}

export function ErrorPage(props: { frame: Frame; content: ErrorPageContent; now: number }): View {
  const { frame, content, now } = props;
  const { status, title, message, code, who, next } = content;
  return (
    <Layout frame={frame} kind="door">
      <div class="stack loose">
        <h1>{title}</h1>
        <p class="lead">{message}</p>
        {(who || next) && (
          <div class="card">
            <div class="card-body">
              {who && <p>{who}</p>}
              {next && (
                <div>
                  <a class="button" href={next.href}>
                    {next.label}
                  </a>
                </div>
              )}
            </div>
          </div>
        )}
        <dl class="facts small">
          {code && (
            <>
              <dt>Code</dt>
              <dd>
                <code>{code}</code>
              </dd>
            </>
          )}
          <dt>Status</dt>
          <dd>{status}</dd>
          <dt>Time</dt>
          <dd>
            <time datetime={new Date(now).toISOString()}>{new Date(now).toISOString()}</time>
          </dd>
          {frame.requestId && (
            <>
              <dt>Request</dt>
              <dd>
                <code>{frame.requestId}</code>
              </dd>
            </>
          )}
        </dl>
      </div>
    </Layout>
  );
}
