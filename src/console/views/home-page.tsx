import type { ConsentLink } from '../../broker/consent-link.ts';
import type { Person } from '../../broker/sessions.ts';
import { attention } from '../attention.ts';
import type { Overview } from '../overview.ts';
import { jobCommand, ruleCommand } from '../words/commands.ts';
import { clockTime } from '../words/times.ts';
import { AttentionSection } from './attention-section.tsx';
import { ConnectionsSection } from './connections-section.tsx';
import { ConsentLinksSection } from './consent-links-section.tsx';
import { JobsSection } from './jobs-section.tsx';
import { type Frame, Layout } from './layout.tsx';
import { RulesSection } from './rules-section.tsx';
import type { View } from './view.ts';

export const homeTitle = 'Overview';

const sections = [
  { id: 'connections', name: 'Connections' },
  { id: 'jobs', name: 'Jobs' },
  { id: 'rules', name: 'Rules' },
  { id: 'consent-links', name: 'Consent links' },
] as const;

export interface HomePageProps {
  readonly frame: Frame;
  readonly person: Person;
  readonly overview: Overview;
  readonly links: readonly ConsentLink[];
  readonly now: number;
  readonly publicUrl: string;
  /** Personal Microsoft accounts may be connected here. */
  readonly personal: boolean;
}

/** Is anything wrong, and what happens next: all of it for administrators, their own connection for others. */
export function HomePage(props: HomePageProps): View {
  const { frame, person, overview, links, now, publicUrl, personal } = props;
  const name = frame.profile?.name ?? person.name;
  const mail = frame.profile?.mail ?? person.username;
  return (
    <Layout frame={frame} sections={person.administrator ? sections : []}>
      <div class="page-head">
        <h1>{homeTitle}</h1>
        <p class="small">
          As of {clockTime(now)} · <a href="/">Refresh</a>
        </p>
      </div>
      <p class="muted">
        Signed in as <strong>{name}</strong> ({mail}),{' '}
        {person.administrator ? 'administrator' : 'not an administrator'} of this installation.
      </p>
      <AttentionSection items={attention(overview, now, person.connectionId)} />
      <ConnectionsSection connections={overview.connections} person={person} personal={personal} now={now} />
      <JobsSection
        jobs={overview.jobs}
        now={now}
        command={jobCommand(publicUrl, person.username)}
        csrf={person.csrf}
      />
      {person.administrator ? (
        <>
          <RulesSection rules={overview.rules} now={now} command={ruleCommand(publicUrl, person.username)} />
          <ConsentLinksSection links={links} now={now} csrf={person.csrf} />
        </>
      ) : (
        <p class="section muted">
          Rules and consent links are managed by the administrators of this installation.
        </p>
      )}
    </Layout>
  );
}
