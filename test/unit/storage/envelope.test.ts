import { randomBytes } from 'node:crypto';
import { systemPorts } from '../../../src/ports.ts';
import { createEnvelope, keyIdOf, type Place } from '../../../src/storage/envelope.ts';
import type { CacheKey, KeyRing } from '../../../src/storage/key-ring.ts';

const place: Place = { table: 'tokens', partition: 'p1', row: 'r1', schema: 1 };

describe('the encryption envelope', () => {
  it('opens what it sealed, in the same place', async () => {
    const envelope = createEnvelope(ring(), randomBytes);
    expect(await envelope.open(await envelope.seal('{"refresh":"ä€😀"}', place), place)).toBe(
      '{"refresh":"ä€😀"}',
    );
  });

  it('shows nothing of the text and names its key', async () => {
    const keys = ring();
    const sealed = await createEnvelope(keys, randomBytes).seal('canary-text', place);
    expect(sealed).not.toContain('canary');
    expect(Buffer.from(sealed.split('.')[3] ?? '', 'base64url').toString('latin1')).not.toContain('canary');
    expect(keyIdOf(sealed)).toBe((await keys.active()).id);
  });

  it('[49] refuses a text with any one byte changed', async () => {
    const envelope = createEnvelope(ring(), randomBytes);
    const sealed = await envelope.seal('secret', place);
    const [version, id, iv = '', body = ''] = sealed.split('.');
    const changed: string[] = [];
    for (const [index, part] of [iv, body].entries()) {
      const bytes = Buffer.from(part, 'base64url');
      for (let i = 0; i < bytes.length; i += 1) {
        const copy = Buffer.from(bytes);
        copy[i] = (copy[i] ?? 0) ^ 1;
        const text = copy.toString('base64url');
        changed.push([version, id, index === 0 ? text : iv, index === 1 ? text : body].join('.'));
      }
    }
    expect(changed).toHaveLength(12 + 6 + 16);
    for (const text of changed) {
      await expect(envelope.open(text, place)).rejects.toMatchObject({ code: 'credential_undecryptable' });
    }
  });

  it.each([
    ['row', { ...place, row: 'r2' }],
    ['partition', { ...place, partition: 'p2' }],
    ['table', { ...place, table: 'flows' }],
    ['shape', { ...place, schema: 2 }],
  ])('[49] refuses a text that was moved to another %s', async (_, elsewhere) => {
    const envelope = createEnvelope(ring(), randomBytes);
    const sealed = await envelope.seal('secret', place);
    await expect(envelope.open(sealed, elsewhere)).rejects.toMatchObject({
      code: 'credential_undecryptable',
    });
  });

  it('[51] refuses a text under a wrong key of the same id, and one under an unknown id', async () => {
    const sealed = await createEnvelope(ring(), randomBytes).seal('secret', place);
    const wrong = createEnvelope(ring(randomBytes(32)), randomBytes);
    await expect(wrong.open(sealed, place)).rejects.toMatchObject({ code: 'credential_undecryptable' });
    const unknown = sealed.replace(/^v1\.\w+/, `v1.${'f'.repeat(32)}`);
    const envelope = createEnvelope(ring(), randomBytes);
    await expect(envelope.open(unknown, place)).rejects.toMatchObject({ code: 'credential_undecryptable' });
  });

  it('never takes plaintext for ciphertext', async () => {
    const envelope = createEnvelope(ring(), randomBytes);
    for (const text of ['', 'secret', '{"a":1}', 'v1', 'v1.a.b.c', 'v2.a.b.c', 'v1.a.b.c.d']) {
      await expect(envelope.open(text, place)).rejects.toMatchObject({ code: 'credential_undecryptable' });
    }
  });

  it('says nothing of the text or the key in its error', async () => {
    const envelope = createEnvelope(ring(), randomBytes);
    const sealed = await envelope.seal('canary-text', place);
    const error = await envelope.open(sealed, { ...place, row: 'r2' }).catch((thrown: Error) => thrown);
    expect(JSON.stringify([String(error), Object.values(error as object)])).not.toContain(
      sealed.split('.')[3],
    );
  });

  it('[50] gives another ciphertext each time for the same text', async () => {
    const envelope = createEnvelope(ring(), randomBytes);
    const sealed = new Set<string>();
    for (let i = 0; i < 200; i += 1) sealed.add(await envelope.seal('same', place));
    expect(sealed.size).toBe(200);
  });

  it('[50] takes a new IV from the random source for each text, and the source of the product gives a million without a repeat', async () => {
    const drawn: string[] = [];
    const envelope = createEnvelope(ring(), (n) => {
      const bytes = systemPorts.random(n);
      drawn.push(bytes.toString('base64url'));
      return bytes;
    });
    const used: (string | undefined)[] = [];
    for (let i = 0; i < 1_000; i += 1) used.push((await envelope.seal('same', place)).split('.')[2]);
    expect(used).toEqual(drawn);
    const ivs = new Set<string>();
    for (let i = 0; i < 1_000_000; i += 1) ivs.add(systemPorts.random(12).toString('latin1'));
    expect(ivs.size).toBe(1_000_000);
  });
});

function ring(bytes: Buffer = Buffer.alloc(32, 7)): KeyRing {
  const key: CacheKey = { id: '0123456789abcdef0123456789abcdef', bytes };
  return { active: async () => key, byId: async (id) => (id === key.id ? key : undefined) };
}
