import { randomBytes } from 'node:crypto';
import { AppError } from '../../../src/errors.ts';
import { type DeliveryDefinition, deliveryDefinition } from '../../../src/reports/deliver/index.ts';
import {
  createDeliveriesWorld,
  type DeliveriesWorld,
  isSigned,
  parcelOf,
  startReceiver,
  webhookSecret,
} from '../../support/deliveries-world.ts';
import { startTestTenant, type TestTenant } from '../../support/tenant.ts';

let tenant: TestTenant;
let world: DeliveriesWorld;
let runs = 0;

beforeAll(async () => {
  tenant = await startTestTenant();
  world = await createDeliveriesWorld(tenant);
});
afterAll(() => tenant.stop());
beforeEach(() => {
  Object.assign(world.state, { actions: 0, actionsLeft: Number.POSITIVE_INFINITY });
  world.delays.length = 0;
  world.over.length = 0;
});

const define = (given: object): DeliveryDefinition => deliveryDefinition.parse(given);
const newRun = () => `daily.${9_000_000_000_000 - ++runs}due`;
const small = Buffer.from('path,size\r\n/a,1\r\n');
const driveId = () => tenant.info.siteDriveId;
const anna = () => tenant.info.users[1]?.upn ?? '';

async function namesIn(folder: string): Promise<string[]> {
  const answer = await tenant.graph(`/drives/${driveId()}/root:${folder}:/children?$select=name`);
  const { value = [] } = (await answer.json()) as { value?: { name: string }[] };
  return value.map(({ name }) => name).sort();
}

async function contentOf(path: string): Promise<Buffer> {
  const answer = await tenant.graph(`/drives/${driveId()}/root:${encodeURI(path)}:/content`);
  return Buffer.from(await answer.arrayBuffer());
}

async function deliver(definitions: readonly object[], data: readonly Buffer[] = [small]) {
  const run = newRun();
  const files = await Promise.all(
    data.map((each, index) => world.file(run, `daily${index || ''}.csv`, each)),
  );
  await world.deliveries.start(parcelOf(run, files), definitions.map(define));
  return { run, all: await world.finish(run) };
}

describe('a delivery to a folder of a drive', () => {
  it('has a file of its own for each run, unless it is told otherwise', async () => {
    const { run, all } = await deliver([{ kind: 'drive', driveId: driveId(), folder: '/Out/stamped/' }]);
    expect(all).toMatchObject([
      { state: 'delivered', arrived: [{ where: '/Out/stamped/daily-2026-03-02-060000.csv' }] },
    ]);
    expect(all[0]?.arrived[0]?.webUrl).toMatch(/^https:/);
    expect(all[0]?.calls).toBeGreaterThan(1);
    expect(all[0]?.units).toBeGreaterThan(all[0]?.calls ?? 0);
    expect(await contentOf('/Out/stamped/daily-2026-03-02-060000.csv')).toEqual(small);
    expect(world.over).toEqual([{ run, states: ['delivered'] }]);
  });

  it('can always be the same file', async () => {
    const place = { kind: 'drive', driveId: driveId(), folder: '/Out/same', onConflict: 'replace' };
    await deliver([place]);
    await deliver([place], [Buffer.from('newer')]);
    expect(await namesIn('/Out/same')).toEqual(['daily.csv']);
    expect((await contentOf('/Out/same/daily.csv')).toString()).toBe('newer');
  });

  it('can leave what is there alone', async () => {
    const place = { kind: 'drive', driveId: driveId(), folder: '/Out/both', onConflict: 'rename' };
    await deliver([place]);
    await deliver([place], [Buffer.from('newer')]);
    expect(await namesIn('/Out/both')).toEqual(['daily 2.csv', 'daily.csv']);
    expect(await contentOf('/Out/both/daily.csv')).toEqual(small);
    expect((await contentOf('/Out/both/daily 2.csv')).toString()).toBe('newer');
  });

  it.each(['date_stamp', 'rename'])(
    'as %s arrives once, wherever the host is killed',
    async (onConflict) => {
      // One goes through an upload session, the other is small.
      const data = onConflict === 'rename' ? randomBytes(4.1 * 1024 * 1024) : small;
      let killed = true;
      for (let done = 0; killed; done += 1) {
        const folder = `/Out/killed-${onConflict}-${done}`;
        const run = newRun();
        const file = await world.file(run, 'big.csv', data);
        const place = define({ kind: 'drive', driveId: driveId(), folder, onConflict });
        await world.deliveries.start(parcelOf(run, [file]), [place]);
        // This host does so much, and nothing more; the next one finds what it left.
        world.state.actionsLeft = done;
        await world.pump.round();
        killed = world.state.actionsLeft < 0;
        world.state.actionsLeft = Number.POSITIVE_INFINITY;
        expect(await world.finish(run)).toMatchObject([{ state: 'delivered' }]);
        const names = await namesIn(folder);
        expect(names).toHaveLength(1);
        expect((await contentOf(`${folder}/${names[0]}`)).equals(data)).toBe(true);
      }
    },
    60_000,
  );

  it('waits where Graph asks for it, and says why', async () => {
    world.once(/PUT .*content/, () => {
      throw new AppError('throttled', 'Microsoft asks to wait.', { retryable: true, retryAfter: 600 });
    });
    const run = newRun();
    const file = await world.file(run, 'daily.csv', small);
    const place = define({ kind: 'drive', driveId: driveId(), folder: '/Out/wait' });
    await world.deliveries.start(parcelOf(run, [file]), [place]);
    await world.pump.round();
    const [waiting] = await world.deliveries.of(run);
    expect(waiting).toMatchObject({
      state: 'waiting',
      attempts: 1,
      error: { code: 'throttled', message: 'Microsoft asks to wait.' },
      nextTryAt: world.state.time + 600_000,
    });
    expect(world.delays.at(-1)).toBe(600);
    // A run that is taken up again because it seems silent adds nothing to what waits.
    const messages = world.delays.length;
    await world.deliveries.start(parcelOf(run, [file]), [place]);
    expect(world.delays).toHaveLength(messages);
    const [arrived] = await world.finish(run);
    expect(arrived).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(arrived?.error).toBeUndefined();
  });

  it('that cannot work is given up, keeps its file, and can be tried again by a person', async () => {
    const { run, all } = await deliver([
      { kind: 'drive', driveId: 'b!nowhere', folder: '/' },
      { kind: 'download' },
    ]);
    expect(all).toMatchObject([
      { state: 'failed', error: { code: 'not_found' } },
      { state: 'delivered', arrived: [{ webUrl: `https://valet.contoso.com/runs/${run}` }] },
    ]);
    expect(world.over.at(-1)?.states).toEqual(['failed', 'delivered']);
    expect(await world.storage.blobs('reports').get(`daily/${run}/daily.csv`)).toEqual(small);

    await expect(world.deliveries.retry(run, 2)).rejects.toMatchObject({ code: 'conflict' });
    await expect(world.deliveries.retry(run, 3)).rejects.toMatchObject({ code: 'not_found' });
    expect(await world.deliveries.retry(run, 1)).toMatchObject({ state: 'waiting', attempts: 0 });
    expect((await world.finish(run))[0]).toMatchObject({ state: 'failed' });

    await world.storage.blobs('reports').remove(`daily/${run}/parcel.json`);
    await expect(world.deliveries.retry(run, 1)).rejects.toMatchObject({ code: 'gone' });
  });

  it('is tried for hours before it is given up', async () => {
    const began = world.state.time;
    for (let n = 0; n < 12; n += 1)
      world.once(/root:\/Out\/never/, () => {
        throw new AppError('locked', 'Somebody has it open.', { retryable: true });
      });
    const { all } = await deliver([{ kind: 'drive', driveId: driveId(), folder: '/Out/never' }]);
    expect(all).toMatchObject([{ state: 'failed', attempts: 11, error: { code: 'locked' } }]);
    expect((world.state.time - began) / 3_600_000).toBeGreaterThan(4);
  });

  it('does nothing twice when every message comes twice', async () => {
    const run = newRun();
    const file = await world.file(run, 'daily.csv', small);
    const definitions = [define({ kind: 'mail', to: ['a@contoso.com'], from: anna() })];
    await tenant.control('DELETE', '/control/outbox');
    await world.deliveries.start(parcelOf(run, [file]), definitions);
    await world.deliveries.start(parcelOf(run, [file]), definitions);
    await world.finish(run);
    await world.deliveries.work({ run, number: 1, sequence: 0 });
    const { value } = await tenant.control('GET', '/control/outbox');
    expect(value).toHaveLength(1);
  });

  it('of a run without deliveries is over at once', async () => {
    const { run } = await deliver([]);
    expect(world.over).toEqual([{ run, states: [] }]);
  });

  it('whose message was lost is sent again when nothing moved for long', async () => {
    const run = newRun();
    const file = await world.file(run, 'daily.csv', small);
    const start = () =>
      world.deliveries.start(parcelOf(run, [file]), [
        define({ kind: 'drive', driveId: driveId(), folder: '/Out/lost' }),
      ]);
    world.once(/PUT .*content/, () => {
      throw new AppError('locked', 'Somebody has it open.', { retryable: true });
    });
    await start();
    await world.pump.round();
    await world.pump.lose();
    world.state.time += 9 * 60_000;
    await start();
    expect(await world.pump.round()).toBe(0);
    world.state.time += 2 * 60_000;
    await start();
    expect(await world.finish(run)).toMatchObject([{ state: 'delivered' }]);
  });
});

describe('a delivery by mail', () => {
  interface Sent {
    from: string;
    to: string[];
    subject: string;
    body: string;
    contentType: string;
    attachments: { name: string; bytes: number }[];
  }

  async function mailed(more: object, data: readonly Buffer[], report = 'file-inventory'): Promise<Sent[]> {
    await tenant.control('DELETE', '/control/outbox');
    const run = newRun();
    const files = await Promise.all(data.map((each, index) => world.file(run, `daily${index}.csv`, each)));
    const mail = define({ kind: 'mail', to: ['boss@contoso.com', 'x@fabrikam.com'], from: anna(), ...more });
    await world.deliveries.start(parcelOf(run, files, { report }), [mail]);
    expect(await world.finish(run)).toMatchObject([
      { state: 'delivered', arrived: [{ where: 'boss@contoso.com, x@fabrikam.com' }] },
    ]);
    return (await tenant.control('GET', '/control/outbox')).value as Sent[];
  }

  it('has the summary as its text and the files with it, from the mailbox that is named', async () => {
    const [mail, ...more] = await mailed({}, [small]);
    expect(more).toEqual([]);
    expect(mail).toMatchObject({
      from: anna(),
      to: ['boss@contoso.com', 'x@fabrikam.com'],
      subject: 'File inventory: 3 files',
      contentType: 'HTML',
      attachments: [{ name: 'daily0-2026-03-02-060000.csv', bytes: small.length }],
    });
    expect(mail?.body).toContain('<tr><td>3 files</td></tr>');
    expect(mail?.body).toContain('https://valet.contoso.com/runs/');
  });

  it('has a link where a file is too large for a mail, and attaches the rest', async () => {
    const [mail] = await mailed({ subject: 'Mine' }, [Buffer.alloc(3_000_000), small]);
    expect(mail?.subject).toBe('Mine');
    expect(mail?.attachments).toEqual([{ name: 'daily1-2026-03-02-060000.csv', bytes: small.length }]);
    expect(mail?.body).toMatch(/<a href="https:\/\/valet.contoso.com\/api\/runs\/[^"]+daily0.csv">/);
  });

  it('never holds more than 3 MB of files in all', async () => {
    const [mail] = await mailed({}, [Buffer.alloc(1_500_000), Buffer.alloc(1_500_000), small]);
    expect(mail?.attachments.map(({ bytes }) => bytes)).toEqual([1_500_000, small.length]);
  });

  it('attaches who may open what only where somebody asked for it', async () => {
    expect((await mailed({}, [small], 'anonymous-links'))[0]?.attachments).toEqual([]);
    expect((await mailed({ attach: true }, [small], 'anonymous-links'))[0]?.attachments).toHaveLength(1);
    expect((await mailed({ attach: false }, [small]))[0]?.attachments).toEqual([]);
  });
});

describe('a delivery to another container', () => {
  it('copies each file below the prefix', async () => {
    const { all } = await deliver([{ kind: 'blob', prefix: 'finance/' }], [small, Buffer.from('two')]);
    expect(all[0]?.arrived.map(({ where }) => where)).toEqual([
      'report-archive/finance/daily-2026-03-02-060000.csv',
      'report-archive/finance/daily1-2026-03-02-060000.csv',
    ]);
    const archive = world.storage.blobs('report-archive');
    expect((await archive.get('finance/daily1-2026-03-02-060000.csv'))?.toString()).toBe('two');
  });
});

describe('a delivery by webhook', () => {
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterAll(() => receiver.stop());
  beforeEach(() => {
    receiver.received.length = 0;
  });

  it('is signed as Standard Webhooks has it, and names the run and its files', async () => {
    const { run, all } = await deliver([{ kind: 'webhook', url: receiver.url }]);
    const [got] = receiver.received;
    expect(got && isSigned(got, webhookSecret)).toBe(true);
    expect(got && isSigned({ ...got, body: got.body.replace('3 files', '4 files') }, webhookSecret)).toBe(
      false,
    );
    const age = world.state.time / 1000 - Number(got?.headers['webhook-timestamp']);
    expect(Math.abs(age)).toBeLessThan(5);
    expect(JSON.parse(got?.body ?? '')).toMatchObject({
      type: 'report.made',
      data: {
        run,
        job: 'daily',
        report: 'file-inventory',
        summary: '3 files',
        files: [{ format: 'csv', rows: 3 }],
      },
    });
    // Its path may be as good as a key.
    expect(JSON.stringify(all[0]?.arrived)).not.toContain('very-secret');
  });

  it('is sent again under the same id when it was not taken, as late as the receiver asks', async () => {
    receiver.answer(503, { 'retry-after': '120' });
    receiver.answer(302, { location: 'http://127.0.0.1:1/elsewhere' });
    const { all } = await deliver([{ kind: 'webhook', url: receiver.url }]);
    expect(all).toMatchObject([{ state: 'delivered', attempts: 2 }]);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(receiver.received).toHaveLength(3);
    expect(world.delays).toContain(120);
    expect(receiver.received.every((each) => isSigned(each, webhookSecret))).toBe(true);
  });

  it('is given up when the receiver refuses it, and when there is nothing to sign with', async () => {
    receiver.answer(410);
    const { all } = await deliver([
      { kind: 'webhook', url: receiver.url },
      { kind: 'webhook', url: receiver.url, secretName: 'webhook-other' },
    ]);
    expect(all).toMatchObject([
      { state: 'failed', error: { code: 'invalid_target', message: 'The webhook answered 410.' } },
      { state: 'failed', error: { code: 'broker_misconfigured' } },
    ]);
    expect(receiver.received).toHaveLength(1);
  });
});
