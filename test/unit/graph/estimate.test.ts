import { estimateCost, spentText } from '../../../src/graph/estimate.ts';

describe('what a job will cost', () => {
  it('is told in units and in minutes of the budget', () => {
    const cost = estimateCost({ drives: [{ items: 100_000, goesOn: true }], sharedItems: 1080 });
    expect(cost).toEqual({
      calls: 55,
      units: 5401,
      minutes: 4.3,
      known: true,
      text: 'about 5,400 RU, 4.3 minutes of the budget',
    });
  });

  it('is a page for each 200 items where a drive is read from its start', () => {
    expect(estimateCost({ drives: [{ items: 100_000 }] })).toMatchObject({ calls: 501, units: 502 });
  });

  it('is the least that it can be where a drive was never read', () => {
    const cost = estimateCost({ drives: [{ items: 1000, goesOn: true }, {}] }, 2500);
    expect(cost).toMatchObject({
      known: false,
      text: 'at least 3 RU, less than 0.1 minutes of the budget; what was never read comes on top',
    });
  });

  it('counts versions, the directory, drives that are looked for and what is uploaded', () => {
    const work = { drives: [], versionsOf: 500, directory: 250, lookedFor: 40, uploads: 25 * 1024 * 1024 };
    expect(estimateCost(work)).toMatchObject({ units: 1000 + 6 + 40 + 6, calls: 25 + 3 + 2 + 3 });
  });

  it('is told in the same words afterwards', () => {
    expect(spentText(5412)).toBe('5,412 RU, 4.3 minutes of the budget');
  });
});
