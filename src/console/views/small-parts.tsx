import { moment, relative } from '../words/times.ts';
import type { Content, View } from './view.ts';

/** A point in time, with how far away it is. */
export function Moment(props: {
  at: number;
  now: number;
  timeZone?: string | undefined;
  plain?: boolean;
}): View {
  const { at, now, timeZone = 'UTC', plain = false } = props;
  return (
    <>
      <time datetime={new Date(at).toISOString()}>{moment(at, timeZone)}</time>
      {!plain && <span class="sub">{relative(at, now)}</span>}
    </>
  );
}

/** One cell of a table that becomes a labelled line on a narrow screen; empty ones are left out there. */
export function Cell({ label, children }: { label: string; children?: Content }): View {
  const nothing = children === undefined || children === null || children === false || children === '';
  return (
    <td data-label={label} class={nothing ? 'none' : undefined}>
      <div>{nothing ? '–' : children}</div>
    </td>
  );
}

/** What stands where there is nothing yet: what would be here, and one command or button that begins it. */
export function Empty(props: { text: string; command?: string; note?: string; children?: Content }): View {
  return (
    <div class="card empty">
      <p>{props.text}</p>
      {props.command && <pre class="command">{props.command}</pre>}
      {props.note && <p class="small muted">{props.note}</p>}
      {props.children}
    </div>
  );
}

/** A link to an address that came with the data: only this site's paths and web addresses are linked, the rest is text. */
export function DataLink({ href, children }: { href: string | undefined; children?: Content }): View {
  const safe = safeHref(href);
  if (!safe) return <span>{children}</span>;
  return (
    <a href={safe} rel="noopener noreferrer">
      {children}
    </a>
  );
}

/** The address if following it can do no more than open a page: a path of this site, or http(s). */
export function safeHref(href: string | undefined): string | undefined {
  if (!href) return undefined;
  // "//host" and "/\host" leave the site although they begin with a slash.
  if (/^\/(?![/\\])[^\s\\]*$/.test(href)) return href;
  return /^https?:\/\//i.test(href) && URL.canParse(href) ? href : undefined;
}

export function Scopes({ scopes }: { scopes: readonly string[] }): View {
  if (scopes.length === 0) return <span class="muted">none</span>;
  return (
    <ul class="scopes">
      {scopes.map((scope) => (
        <li>
          <code>{scope}</code>
        </li>
      ))}
    </ul>
  );
}
