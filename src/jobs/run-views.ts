import { deliveryKind } from '../reports/deliver/index.ts';
import type { Delivery } from './deliveries/delivery-row.ts';
import {
  isOver,
  type Part,
  type Progress,
  type Run,
  type RunResult,
  type RunState,
  type RunStep,
} from './run.ts';
import type { Runs } from './runs.ts';
import { secondsLeft } from './time-left.ts';

/** A run as the console shows it. */
export interface RunView {
  readonly id: string;
  readonly job: string;
  readonly report: string;
  readonly state: RunState;
  /** What it is doing now, in words. */
  readonly step?: string | undefined;
  readonly trigger: 'schedule' | 'person';
  readonly retryOf?: string | undefined;
  readonly waitsFor?: string | undefined;
  readonly createdAt: number;
  readonly dueAt?: number | undefined;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  readonly progress: Progress;
  readonly drives: { readonly found: number; readonly read: number };
  readonly secondsLeft?: number | undefined;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  readonly result?: RunResult | undefined;
  readonly files: readonly FileView[];
  readonly deliveries: readonly DeliveryView[];
  readonly canCancel: boolean;
  readonly canRetry: boolean;
}

export interface FileView {
  readonly name: string;
  /** Path of this site. */
  readonly href: string;
  readonly size: number;
  readonly rows: number;
}

export interface DeliveryView {
  readonly number: number;
  readonly kind: string;
  readonly to: string;
  readonly state: Delivery['state'];
  readonly attempts: number;
  readonly nextTryAt?: number | undefined;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  readonly arrived: Delivery['arrived'];
}

const stepWords: Readonly<Record<RunStep, string | undefined>> = {
  plan: 'finding the drives',
  crawl: 'reading the drives',
  gather: 'gathering what the report needs beside them',
  report: 'making the report',
  deliver: 'delivering',
  done: undefined,
};

export function runViews(
  runs: Pick<Runs, 'drives' | 'deliveries'>,
  found: readonly Run[],
  now: number,
): Promise<RunView[]> {
  return Promise.all(
    found.map(async (run) => {
      const reads = run.state === 'running' && run.step === 'crawl';
      const [drives, deliveries] = await Promise.all([
        reads ? runs.drives(run.id) : [],
        run.steps.deliver === undefined ? [] : runs.deliveries(run.id),
      ]);
      return toRunView(run, { drives, deliveries, now });
    }),
  );
}

export interface Beside {
  readonly drives: readonly Part[];
  readonly deliveries: readonly Delivery[];
  readonly now: number;
}

export function toRunView(run: Run, { drives, deliveries, now }: Beside): RunView {
  const found = run.drives ?? drives.length;
  const open = drives.filter(({ outcome }) => outcome === 'open').length;
  return {
    id: run.id,
    job: run.job,
    report: run.definition.report,
    state: run.state,
    step: run.state === 'running' ? stepWords[run.step] : undefined,
    trigger: run.trigger,
    retryOf: run.retryOf,
    waitsFor: run.waitsFor,
    createdAt: run.createdAt,
    dueAt: run.dueAt,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    progress: run.progress,
    drives: { found, read: found - open },
    secondsLeft: secondsLeft(run, drives, now),
    error: run.error,
    result: run.result,
    files: run.files.map(({ name, size, rows }) => ({ name, size, rows, href: hrefOf(run.id, name) })),
    deliveries: deliveries.map(toDeliveryView),
    canCancel: !isOver(run.state),
    canRetry: run.state === 'failed' || run.state === 'cancelled',
  };
}

function toDeliveryView(delivery: Delivery): DeliveryView {
  const { number, definition, state, attempts, nextTryAt, error, arrived } = delivery;
  const to = deliveryKind(definition).words(definition);
  return { number, kind: definition.kind, to, state, attempts, nextTryAt, error, arrived };
}

function hrefOf(run: string, name: string): string {
  return `/api/runs/${encodeURIComponent(run)}/files/${encodeURIComponent(name)}`;
}
