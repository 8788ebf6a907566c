import { randomBytes } from 'node:crypto';
import { AppError } from '../../../src/errors.ts';
import { createKeyRing } from '../../../src/storage/key-ring.ts';
import type { RingState } from '../../../src/storage/ring-state.ts';
import type { Vault, VaultSecret } from '../../../src/storage/vault.ts';

const minute = 60_000;

describe('the key ring', () => {
  it('takes the newest version of the secret for new rows and finds older ones by id', async () => {
    const vault = vaultOf(version('1'.repeat(32)), version('2'.repeat(32)));
    const keys = createKeyRing(vault.port, () => 0);
    expect((await keys.active()).id).toBe('2'.repeat(32));
    expect((await keys.byId('1'.repeat(32)))?.id).toBe('1'.repeat(32));
    expect(await keys.byId('3'.repeat(32))).toBeUndefined();
  });

  it('asks Key Vault once for many at a time, and again after ten minutes', async () => {
    let now = 0;
    const vault = vaultOf(version('1'.repeat(32)));
    const keys = createKeyRing(vault.port, () => now);
    await Promise.all(Array.from({ length: 50 }, () => keys.active()));
    expect(vault.asked()).toBe(1);
    now += 11 * minute;
    await keys.active();
    expect(vault.asked()).toBe(2);
  });

  it('[52] goes on with the key in memory for an hour while Key Vault is down, then refuses', async () => {
    let now = 0;
    const vault = vaultOf(version('1'.repeat(32)));
    const keys = createKeyRing(vault.port, () => now);
    await keys.active();
    vault.goDown();
    now += 59 * minute;
    expect((await keys.active()).id).toBe('1'.repeat(32));
    now += 2 * minute;
    await expect(keys.active()).rejects.toMatchObject({ code: 'upstream_unavailable' });
  });

  it('refuses a secret that is missing or no key, by name and without its value', async () => {
    await expect(createKeyRing(vaultOf().port, () => 0).active()).rejects.toMatchObject({
      code: 'broker_misconfigured',
      message: expect.stringContaining('graph-valet-cache-key'),
    });
    const short = vaultOf({ ...version('1'.repeat(32)), value: 'canary' });
    const error = await createKeyRing(short.port, () => 0)
      .active()
      .catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'broker_misconfigured' });
    expect(String(error)).not.toContain('canary');
  });

  it('[51] seals with the version that a rotation says, holds the next one ready, and opens nothing with a retired one', async () => {
    const ids = ['1', '2', '3', '4'].map((digit) => digit.repeat(32));
    const [retired = '', active = '', next = '', newest = ''] = ids;
    const vault = vaultOf(...ids.map(version));
    const state: RingState = {
      phase: 'prepare',
      since: 0,
      active,
      activeSince: 0,
      next,
      old: [],
      retired: [{ id: retired, at: 0, disabled: false }],
    };
    let now = 0;
    const keys = createKeyRing(
      vault.port,
      () => now,
      async () => state,
    );
    expect(await keys.byId(retired)).toBeUndefined();
    expect((await keys.active()).id).toBe(active);
    expect((await keys.byId(newest))?.id).toBe(newest);
    vault.goDown();
    now += 5 * minute;
    expect((await keys.byId(next))?.id).toBe(next);
  });

  it('asks Key Vault for no id that is not one of its versions', async () => {
    const vault = vaultOf(version('1'.repeat(32)));
    expect(await createKeyRing(vault.port, () => 0).byId('../secrets/other')).toBeUndefined();
    expect(vault.asked()).toBe(0);
  });
});

function version(id: string): VaultSecret {
  return { value: randomBytes(32).toString('base64'), version: id, expiresAt: undefined };
}

function vaultOf(...versions: VaultSecret[]): {
  port: Pick<Vault, 'secret'>;
  asked: () => number;
  goDown: () => void;
} {
  let asked = 0;
  let down = false;
  return {
    asked: () => asked,
    goDown: () => {
      down = true;
    },
    port: {
      async secret(_, wanted) {
        asked += 1;
        if (down) throw new AppError('upstream_unavailable', 'Key Vault is down.');
        return wanted ? versions.find((each) => each.version === wanted) : versions.at(-1);
      },
    },
  };
}
