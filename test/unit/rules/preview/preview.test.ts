import { createPreview } from '../../../../src/rules/preview/preview.ts';
import { createReplay } from '../../../../src/rules/preview/replay.ts';
import { freshStorage } from '../../../support/storage.ts';
import { scriptedFeed } from '../feed.ts';
import { operationStage, ruleOf } from '../stage.ts';

const connectionString = await freshStorage();
const now = Date.UTC(2026, 10, 24, 12);
const hour = 3_600_000;

/** Graph with a folder of three documents, two pages long, and one below it. */
function folders(more: readonly { id: string; name: string; hoursAgo?: number }[] = []) {
  const file = (id: string, name: string, parent: string, hoursAgo = 1) => ({
    id,
    name,
    eTag: '"1"',
    file: {},
    parentReference: { id: `folder:${parent}` },
    createdDateTime: new Date(now - hoursAgo * hour).toISOString(),
    lastModifiedDateTime: new Date(now - hoursAgo * hour).toISOString(),
  });
  return scriptedFeed(({ path }) => {
    if (path.includes('root:/Inbox:/children')) {
      const next = 'https://graph.test/v1.0/drives/drive-1/items/inbox/children?$skiptoken=2';
      const sub = { id: 'sub', name: 'Sub', folder: {} };
      return { body: { value: [file('a', 'Offer.docx', '/Inbox'), sub], '@odata.nextLink': next } };
    }
    if (path.includes('skiptoken=2')) {
      const rest = more.map(({ id, name, hoursAgo }) => file(id, name, '/Inbox', hoursAgo));
      return { body: { value: [file('b', 'Photo.jpg', '/Inbox'), ...rest] } };
    }
    if (path.includes('root:/Inbox/Sub:/children'))
      return { body: { value: [file('c', 'Deep.docx', '/Sub')] } };
    return undefined;
  });
}

describe('a preview', () => {
  it('says for each file whether it matches, why, and what would be done', async () => {
    const feed = folders();
    const preview = await createPreview({ graphFor: feed.graphFor })(ruleOf(), 100);
    expect(preview).toMatchObject({ matched: 1, complete: true, overBulkLimit: false, problems: [] });
    expect(preview.files).toEqual([
      {
        item: { id: 'a', name: 'Offer.docx', folder: '/Inbox' },
        matched: true,
        trace: [
          { condition: 'it is in /Inbox', holds: true },
          { condition: 'its name is like *.docx', holds: true },
        ],
        steps: ['move to /Filed/2026'],
      },
      expect.objectContaining({ matched: false, steps: [] }),
    ]);
    expect(feed.asked.filter((line) => !line.startsWith('GET '))).toEqual([]);
  });

  it('looks below the folder where the rule does', async () => {
    const rule = ruleOf({ when: { event: 'created', folder: '/Inbox', subfolders: true } });
    const { files } = await createPreview({ graphFor: folders().graphFor })(rule, 100);
    expect(files.map(({ item }) => `${item.folder}/${item.name}`)).toEqual([
      '/Inbox/Offer.docx',
      '/Inbox/Photo.jpg',
      '/Inbox/Sub/Deep.docx',
    ]);
  });

  it('says when it did not look at everything', async () => {
    const { files, complete } = await createPreview({ graphFor: folders().graphFor })(ruleOf(), 1);
    expect([files.length, complete]).toEqual([1, false]);
  });

  it('says that so many files at once would hold the rule, and what would keep it from being saved', async () => {
    const rule = ruleOf({
      bulkLimit: 1,
      actions: [{ move: { to: '/Inbox' } }, { rename: { to: 'x.docx' } }],
    });
    const feed = folders([{ id: 'd', name: 'Another.docx' }]);
    const preview = await createPreview({ graphFor: feed.graphFor })(rule, 100);
    expect(preview).toMatchObject({ matched: 2, overBulkLimit: true });
    expect(preview.problems).toMatchObject([{ path: 'actions.0.move.to' }]);
  });
});

describe('a replay', () => {
  const stage = operationStage(connectionString, { now });
  const drive = { id: 'drive-1', name: 'Documents' };

  it('lets the rule meet what came in the time asked for, once', async () => {
    const feed = folders([{ id: 'old', name: 'Old.docx', hoursAgo: 30 }]);
    await stage.rules.put(ruleOf(), drive, 'admin');
    const replay = createReplay({ ...stage, operations: stage.queue, graphFor: feed.graphFor });
    const first = await replay('file-documents', now - 24 * hour);
    expect(first).toMatchObject({ looked: 3, complete: true });
    expect(first.operations).toEqual(stage.sent.map(({ id }) => id));
    expect(first.operations).toHaveLength(1);
    const again = await replay('file-documents', now - 24 * hour);
    expect(again.operations).toEqual(first.operations);
    const found = [];
    for await (const one of stage.journal.list()) found.push(one.name);
    expect(found).toEqual(['Offer.docx']);
  });

  it('is refused for a rule that is off', async () => {
    await stage.rules.put(ruleOf({ name: 'off', enabled: false }), drive, 'admin');
    const replay = createReplay({ ...stage, operations: stage.queue, graphFor: folders().graphFor });
    await expect(replay('off', now)).rejects.toMatchObject({ code: 'conflict' });
    await expect(replay('unknown', now)).rejects.toMatchObject({ code: 'not_found' });
  });
});
