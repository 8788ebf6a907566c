import { must, type World } from '../world.ts';

interface Operations {
  readonly value: readonly { readonly state: string; readonly item: { readonly name: string } }[];
}

/** A person drops a document into the Inbox; Microsoft notifies; the rule files it under the year; the journal says so once. */
export async function fileOperation(world: World): Promise<string> {
  const { person, seeded, admin } = world;
  const name = `Offer ${Date.now()}.docx`;
  await world.until('the subscription on the drive', async () => {
    const { value } = await admin.api<{ value: readonly { state: string }[] }>('GET', '/api/subscriptions');
    return value.some((each) => each.state === 'active') ? true : undefined;
  });
  const token = await world.token({ audience: seeded.connection });
  const path = `/drives/${person.driveId}/root:/Inbox/${encodeURIComponent(name)}:/content`;
  const put = await world.graph(token.access_token, path, {
    method: 'PUT',
    body: 'PK a document of the demo',
  });
  must(put.status === 201, `the document could not be put into the Inbox (${put.status})`);

  const year = new Date().getUTCFullYear();
  const filed = `/drives/${person.driveId}/root:/Filed/${year}/${encodeURIComponent(name)}`;
  await world.until('the document to be filed', async () =>
    (await world.graph(token.access_token, filed)).ok ? true : undefined,
  );
  const journal = await world.until('the journal to say done', async () => {
    const { value } = await admin.api<Operations>('GET', `/api/operations?rule=${seeded.rule}`);
    const mine = value.filter((each) => each.item.name === name);
    return mine.some((each) => each.state === 'done') ? mine : undefined;
  });
  must(journal.length === 1, `the journal holds ${journal.length} operations for one document`);
  return `${name} moved from /Inbox to /Filed/${year} after a change notification; one operation in the journal`;
}
