import type { ConsentLinkStatus } from '../../broker/consent-link.ts';
import type { ConnectionView, DeliveryView, OperationView, RuleView, RunView } from '../overview.ts';
import { Icon, type Shape } from './icon.tsx';
import type { View } from './view.ts';

interface Look {
  readonly word: string;
  readonly tone: 'good' | 'busy' | 'warn' | 'bad' | 'still';
  readonly shape: Shape;
}

const runs: Readonly<Record<RunView['state'], Look>> = {
  waiting: { word: 'Waiting', tone: 'still', shape: 'clock' },
  running: { word: 'Running', tone: 'busy', shape: 'running' },
  succeeded: { word: 'Succeeded', tone: 'good', shape: 'check' },
  failed: { word: 'Failed', tone: 'bad', shape: 'cross' },
  cancelled: { word: 'Cancelled', tone: 'still', shape: 'skip' },
  skipped: { word: 'Skipped', tone: 'still', shape: 'skip' },
};

const deliveries: Readonly<Record<DeliveryView['state'], Look>> = {
  waiting: { word: 'Waiting', tone: 'still', shape: 'clock' },
  sending: { word: 'Sending', tone: 'busy', shape: 'running' },
  delivered: { word: 'Delivered', tone: 'good', shape: 'check' },
  failed: { word: 'Failed', tone: 'bad', shape: 'cross' },
};

const operations: Readonly<Record<OperationView['state'], Look>> = {
  planned: { word: 'Planned', tone: 'still', shape: 'clock' },
  acting: { word: 'Running', tone: 'busy', shape: 'running' },
  done: { word: 'Done', tone: 'good', shape: 'check' },
  failed: { word: 'Failed', tone: 'bad', shape: 'cross' },
  skipped: { word: 'Skipped', tone: 'still', shape: 'skip' },
  undone: { word: 'Undone', tone: 'still', shape: 'back' },
};

const health: Readonly<Record<ConnectionView['health'], Look>> = {
  active: { word: 'Active', tone: 'good', shape: 'check' },
  needs_sign_in: { word: 'Needs sign-in', tone: 'warn', shape: 'warning' },
  needs_consent: { word: 'Needs consent', tone: 'warn', shape: 'warning' },
  disabled: { word: 'Disabled', tone: 'still', shape: 'pause' },
};

const links: Readonly<Record<ConsentLinkStatus, Look>> = {
  open: { word: 'Waiting for consent', tone: 'busy', shape: 'clock' },
  proving: { word: 'Checking', tone: 'busy', shape: 'running' },
  connected: { word: 'Verified', tone: 'good', shape: 'check' },
  refused: { word: 'Refused', tone: 'bad', shape: 'cross' },
  expired: { word: 'Expired', tone: 'still', shape: 'dash' },
};

export const RunBadge = ({ state }: { state: RunView['state'] }) => badge(runs[state]);
export const DeliveryBadge = ({ state }: { state: DeliveryView['state'] }) => badge(deliveries[state]);
export const OperationBadge = ({ state }: { state: OperationView['state'] }) => badge(operations[state]);
export const HealthBadge = ({ state }: { state: ConnectionView['health'] }) => badge(health[state]);
export const ConsentLinkBadge = ({ state }: { state: ConsentLinkStatus }) => badge(links[state]);

/** Whether a job fires by its schedule. */
export const JobBadge = ({ enabled }: { enabled: boolean }) =>
  badge(
    enabled
      ? { word: 'Scheduled', tone: 'good', shape: 'clock' }
      : { word: 'Paused', tone: 'still', shape: 'pause' },
  );

/** Whether a rule fires, and how it learns of changes. */
export function RuleBadge({ rule }: { rule: RuleView }): View {
  if (!rule.enabled) return badge({ word: 'Off', tone: 'still', shape: 'pause' });
  if (rule.problem) return badge({ word: 'Held', tone: 'bad', shape: 'warning' });
  if (rule.watching.by === 'nothing') return badge({ word: 'Not watching', tone: 'warn', shape: 'warning' });
  return badge({ word: 'Watching', tone: 'good', shape: 'check' });
}

/** A state as word, shape and colour: each of them says it alone. */
function badge({ word, tone, shape }: Look): View {
  return (
    <span class={`badge ${tone}`}>
      <Icon shape={shape} />
      {word}
    </span>
  );
}
