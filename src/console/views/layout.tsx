import type { Person } from '../../broker/sessions.ts';
import { assetPaths } from '../assets/assets.ts';
import type { Content, View } from './view.ts';

/** What the frame around every page says. */
export interface Frame {
  /** Of this app. */
  readonly version: string;
  /** Who is signed in; absent on the pages for people without an account here. */
  readonly person?: Person | undefined;
  /** As Graph /me says, where that is known; otherwise the session's. */
  readonly profile?: { readonly name: string; readonly mail: string } | undefined;
  readonly requestId?: string | undefined;
}

/** Header, main part and footer. `sections` are places on the page that the header leads to. */
export function Layout(props: {
  readonly frame: Frame;
  readonly sections?: readonly { readonly id: string; readonly name: string }[];
  /** `door` pages are read once by people who come by a link: narrow, one column. */
  readonly kind?: 'console' | 'door';
  readonly children?: Content;
}): View {
  const { frame, sections = [], kind = 'console' } = props;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <div class="top-inner">
          <a class="brand" href="/">
            <img src={assetPaths.logo} alt="" width="28" height="28" />
            <span>Graph Valet</span>
          </a>
          {sections.length > 0 && (
            <nav aria-label="On this page">
              {sections.map(({ id, name }) => (
                <a href={`#${id}`}>{name}</a>
              ))}
            </nav>
          )}
          {frame.person && <UserMenu person={frame.person} profile={frame.profile} />}
        </div>
      </header>
      <main id="main" class={kind} tabindex={-1}>
        {props.children}
      </main>
      <footer class="bottom">
        <div class="bottom-inner">
          <span>Graph Valet {frame.version}</span>
          {frame.requestId && (
            <span>
              Request <code>{frame.requestId}</code>
            </span>
          )}
          <span>All times are UTC unless another zone is named.</span>
        </div>
      </footer>
    </>
  );
}

function UserMenu({ person, profile }: { person: Person; profile: Frame['profile'] }): View {
  return (
    <div class="user">
      <div class="user-name">
        <strong>{profile?.name ?? person.name}</strong>
        <span>{profile?.mail ?? person.username}</span>
      </div>
      <form method="post" action="/auth/sign-out">
        <input type="hidden" name="csrf" value={person.csrf} />
        <button class="quiet" type="submit">
          Sign out
        </button>
      </form>
    </div>
  );
}
