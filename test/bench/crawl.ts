import { listByRclone, rclone } from './crawl/rclone.ts';
import { openStage, type Stage } from './crawl/stage.ts';
import type { Bench, BenchOptions, Figure } from './figure.ts';

/** Reading drives: against rclone, against a bare loop over the same feed, and against the budget of a small tenant. */
export const bench: Bench = {
  summary: 'reading drives by their feed, and reports on what was read',
  async run(options) {
    await small(options);
    await big(options);
    await ledger(options);
    await many(options);
  },
};

type Given = Omit<Figure, 'bench'>;

function kit({ report, only }: BenchOptions) {
  return {
    wanted: (...names: string[]) => only.size === 0 || names.some((name) => only.has(name)),
    give: (figure: Given) => report({ bench: 'crawl', ...figure }),
  };
}

async function withStage(args: readonly string[], work: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await openStage(args);
  try {
    await work(stage);
  } finally {
    await stage.stop();
  }
}

/** 100,000 files in 5,000 folders. */
async function small(options: BenchOptions): Promise<void> {
  const { wanted, give } = kit(options);
  if (!wanted('crawl-100k', 'crawl-100k-floor', 'calls-per-1000', 'ru-per-1000')) return;
  await withStage(['--items', '100000', '--files-per-folder', '20', '--proxy', '0'], async (stage) => {
    // The tenant answers more slowly the first time: that shall be nobody's.
    await stage.run({ kind: 'floor', holder: 'first' });
    const floor = await stage.run({ kind: 'floor', holder: 'floor' });
    await stage.control('PUT', '/ledger', { perMinute: null });
    const ours = await stage.run({ kind: 'ours', holder: 'ours' });
    const units = await unitsOf(stage);
    const seconds = ours.ms / 1000;
    give({
      case: 'crawl-100k-floor',
      ours: seconds,
      peer: floor.ms / 1000,
      ratio: ours.ms / floor.ms,
      unit: 's',
      note: 'peer: a loop over the feed that keeps nothing',
    });
    give({ case: 'calls-per-1000', ours: (ours.calls * 1000) / ours.items, unit: 'calls' });
    give({ case: 'ru-per-1000', ours: (units * 1000) / ours.items, unit: 'RU' });
    if (!wanted('crawl-100k')) return;
    if (!rclone) {
      options.say('rclone is not installed, so there is nothing to compare with');
      give({ case: 'crawl-100k', ours: seconds, unit: 's', note: `${ours.items} items` });
      return;
    }
    options.say('rclone lists the same drive; it takes about a minute');
    const peer = await listByRclone(stage);
    give({
      case: 'crawl-100k',
      ours: seconds,
      peer: peer.ms / 1000,
      ratio: ours.ms / peer.ms,
      unit: 's',
      note: `peer: rclone lsjson -R, ${peer.items} items; ours ${ours.items}`,
    });
  });
}

/** 1,000,000 files. */
async function big(options: BenchOptions): Promise<void> {
  const { wanted, give } = kit(options);
  if (!wanted('crawl-1m', 'rss-1m', 'delta-100-of-1m', 'report-sql-1m')) return;
  await withStage(['--items', '1000000', '--files-per-folder', '20'], async (stage) => {
    const floor = await stage.run({ kind: 'floor', holder: 'floor' });
    const ours = await stage.run({ kind: 'ours', holder: 'first' });
    give({
      case: 'crawl-1m',
      ours: ours.ms / 1000,
      peer: floor.ms / 1000,
      ratio: ours.ms / floor.ms,
      unit: 's',
      note: `${ours.items} items, ${(ours.bytes / 1e6).toFixed(0)} MB of Parquet; peer: a loop that keeps nothing`,
    });
    give({ case: 'rss-1m', ours: ours.rss, peer: floor.rss, ratio: ours.rss / floor.rss, unit: 'MiB' });
    await stage.control('POST', `/drives/${stage.facts.bigDriveId}/changes`, { create: 100 });
    const next = await stage.run({ kind: 'ours', holder: 'second' });
    give({
      case: 'delta-100-of-1m',
      ours: next.ms / 1000,
      unit: 's',
      note: `${next.calls} calls, ${next.items} items, ${next.rss.toFixed(0)} MiB`,
    });
    const { queries } = await stage.run({ kind: 'report', holder: 'second' });
    const total = Object.values(queries).reduce((sum, ms) => sum + ms, 0);
    const each = Object.entries(queries).map(([name, ms]) => `${name} ${(ms / 1000).toFixed(2)}`);
    give({ case: 'report-sql-1m', ours: total / 1000, unit: 's', note: each.join(', ') });
  });
}

const perMinute = 1250;

/** A tenant of the smallest size, read by one host and by two that share its budget. */
async function ledger(options: BenchOptions): Promise<void> {
  const { wanted, give } = kit(options);
  if (!wanted('ledger-429', 'ledger-time')) return;
  const args = ['--items', '80000', '--files-per-folder', '20', '--ru-per-minute', String(perMinute)];
  for (const hosts of [1, 2]) {
    await withStage(args, async (stage) => {
      options.say(`${hosts} host${hosts > 1 ? 's' : ''} under ${perMinute} RU a minute; it takes minutes`);
      const from = performance.now();
      const results = await Promise.all(
        Array.from({ length: hosts }, (_, host) =>
          stage.run({ kind: 'ours', holder: `host-${host}`, connection: `con_${host}`, pageSize: 50 }),
        ),
      );
      const seconds = (performance.now() - from) / 1000;
      const units = await unitsOf(stage);
      const throttled = results.reduce((sum, result) => sum + result.throttled, 0);
      // Whole windows have to pass before the last units are granted; what these take comes on top.
      const least = Math.floor((units - 1) / perMinute) * 60;
      const note = `${hosts} host${hosts > 1 ? 's' : ''}, ${units} RU`;
      give({ case: 'ledger-429', ours: throttled, unit: 'answers', note });
      give({ case: 'ledger-time', ours: seconds, peer: least, ratio: seconds / least, unit: 's', note });
    });
  }
}

/** 50 drives at once, with an answer time like that of the real service. */
async function many(options: BenchOptions): Promise<void> {
  const { wanted, give } = kit(options);
  if (!wanted('drives-50')) return;
  await withStage(['--items', '1000', '--files-per-folder', '20', '--latency', '50'], async (stage) => {
    const driveIds = Array.from({ length: 50 }, () => stage.facts.bigDriveId ?? '');
    const floor = await stage.run({ kind: 'floor', holder: 'floor', driveIds });
    const ours = await stage.run({ kind: 'ours', holder: 'ours', driveIds });
    give({
      case: 'drives-50',
      ours: ours.ms / 1000,
      peer: floor.ms / 1000,
      ratio: ours.ms / floor.ms,
      unit: 's',
      note: `${ours.items} items; peer: one drive after the other, kept nowhere`,
    });
  });
}

async function unitsOf(stage: Stage): Promise<number> {
  const { value } = (await stage.control('GET', '/ledger')) as { value: { spent: number }[] };
  return value.reduce((sum, { spent }) => sum + spent, 0);
}
