import { createInTurn } from '../../../src/storage/in-turn.ts';
import { whileRenewing } from '../../../src/storage/while-renewing.ts';

describe('work that is renewed', () => {
  it('says that it is alive for as long as it lasts, and no longer', async () => {
    let renewals = 0;
    const thrice = Promise.withResolvers<void>();
    const renew = async () => {
      renewals += 1;
      if (renewals === 3) thrice.resolve();
    };
    expect(await whileRenewing(1, renew, () => thrice.promise.then(() => 'done'))).toBe('done');
    const then = renewals;
    await whileRenewing(
      1,
      async () => undefined,
      () => new Promise((resolve) => setTimeout(resolve, 10)),
    );
    expect(renewals).toBe(then);
  });

  it('goes on when a renewal fails, and renews again', async () => {
    const again = Promise.withResolvers<string>();
    let renewals = 0;
    const renew = () => {
      renewals += 1;
      if (renewals === 2) again.resolve('done');
      return Promise.reject(new Error('no storage'));
    };
    expect(await whileRenewing(1, renew, () => again.promise)).toBe('done');
  });

  it('waits for a renewal under way, so that the next write knows its ETag', async () => {
    const begun = Promise.withResolvers<void>();
    const order: string[] = [];
    const renew = async () => {
      begun.resolve();
      await new Promise(setImmediate);
      order.push('renewed');
    };
    await whileRenewing(1, renew, () => begun.promise);
    order.push('over');
    expect(order).toEqual(['renewed', 'over']);
  });

  it('throws what the work throws', async () => {
    const work = () => Promise.reject(new Error('broken'));
    await expect(whileRenewing(1_000, async () => undefined, work)).rejects.toThrow('broken');
  });
});

describe('work in turn', () => {
  it('is done one after the other, whatever becomes of each', async () => {
    const inTurn = createInTurn();
    const order: number[] = [];
    const slow = inTurn(async () => {
      await new Promise(setImmediate);
      order.push(1);
      throw new Error('broken');
    });
    const next = inTurn(async () => void order.push(2));
    await expect(slow).rejects.toThrow('broken');
    await next;
    expect(order).toEqual([1, 2]);
  });
});
