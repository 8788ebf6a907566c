import { evaluate } from '../../../../src/rules/match.ts';
import { ruleDefinition } from '../../../../src/rules/rule.ts';
import { itemOf, ruleOf } from '../stage.ts';

const megabyte = 1024 ** 2;

/** Whether an entry of `conditions` holds for a document in /Inbox. */
function holds(condition: unknown, item: Parameters<typeof itemOf>[0] = {}): boolean {
  return evaluate(
    ruleOf({ when: { event: 'created', folder: '/Inbox' }, conditions: [condition] }),
    itemOf(item),
  ).matched;
}

describe('a condition', () => {
  it.each([
    [{ name: 'off?r.*' }, {}, true],
    [{ name: ['*.pdf', '*.DOCX'] }, {}, true],
    [{ name: '*.pdf' }, {}, false],
    [{ name: 'Angebot für É.docx' }, { name: 'angebot FÜR é.docx'.normalize('NFD') }, true],
    [{ extension: 'docx' }, {}, true],
    [{ extension: ['pdf', '.DOCX'] }, {}, true],
    [{ extension: 'profile' }, { name: '.profile' }, false],
    [{ size: { over: '1 MB' } }, { size: megabyte }, false],
    [{ size: { over: '1 MB' } }, { size: megabyte + 1 }, true],
    [{ size: { over: 10, under: 20 } }, { size: 15 }, true],
    [{ modifiedBy: 'ANNA@contoso.example' }, { modifiedByEmail: 'anna@contoso.example' }, true],
    [{ modifiedBy: ['x', 'somebody'] }, {}, true],
    [{ modifiedBy: 'nobody' }, {}, false],
    [{ shared: 'anonymous' }, { shared: 'anonymous' }, true],
    [{ shared: ['users', 'organization'] }, { shared: 'anonymous' }, false],
    [{ shared: false }, {}, true],
    [{ pathLength: { over: 17 } }, {}, false],
    [{ pathLength: { over: 16 } }, {}, true],
    [{ folder: '/inbox/' }, {}, true],
    [{ folder: { path: '/', subfolders: true } }, {}, true],
    [{ not: { name: '*.tmp' } }, {}, true],
    [{ not: { name: '*.docx' } }, {}, false],
    [{ any: [{ name: '*.pdf' }, { size: { over: 1 } }] }, {}, true],
    [{ any: [{ name: '*.pdf' }, { size: { over: '1 GB' } }] }, {}, false],
  ])('%j of %j: %s', (condition, item, expected) => {
    expect(holds(condition, item)).toBe(expected);
  });

  it('says itself in words', () => {
    const conditions = [
      { size: { over: '1.5 MB' } },
      { shared: ['anonymous'] },
      { any: [{ name: '*.pdf' }, { extension: 'docx' }] },
      { not: { modifiedBy: 'robot' } },
    ];
    const { trace } = evaluate(ruleOf({ conditions }), itemOf());
    expect(trace.slice(2).map(({ condition }) => condition)).toEqual([
      'it is larger than 1.5 MB',
      'it is shared with anyone with a link',
      '(its name is like *.pdf, or it is of type docx)',
      'it is not so that robot changed it last',
    ]);
  });

  it('means the same when it was read once already', () => {
    const conditions = [{ size: { over: '10 MB' } }, { extension: '.PDF' }, { folder: '/A/' }];
    const once = ruleOf({ conditions });
    expect(ruleDefinition.parse(once)).toEqual(once);
  });
});

describe('a rule that cannot be understood is refused with the place', () => {
  it.each([
    ['a condition that nobody knows', { conditions: [{ colour: 'red' }] }, 'conditions.0'],
    ['two kinds in one entry', { conditions: [{ name: 'a', size: { over: 1 } }] }, 'conditions.0'],
    ['a size in no unit', { conditions: [{ size: { over: '1 parsec' } }] }, 'conditions.0.size.over'],
    ['a condition within not', { conditions: [{ not: { not: { name: 'a' } } }] }, 'conditions.0.not'],
    ['an action that nobody knows', { actions: [{ explode: {} }] }, 'actions.0'],
    ['no action', { actions: [] }, 'actions'],
    ['a folder that SharePoint does not take', { actions: [{ move: { to: '/a:b' } }] }, 'actions.0.move.to'],
    [
      'a template field that does not exist',
      { actions: [{ move: { to: '/{month}' } }] },
      'actions.0.move.to',
    ],
    ['a folder without its slash', { when: { event: 'created', folder: 'Inbox' } }, 'when.folder'],
    ['a drive of two names', { target: { kind: 'drive', driveId: 'a', user: 'b' } }, 'target'],
    ['something else', { colour: 'red' }, ''],
  ])('%s', (_, given, where) => {
    const parsed = ruleDefinition.safeParse({ ...ruleOf(), ...given });
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toContain(where);
  });

  it.each([
    [{ driveId: 'd' }, { kind: 'drive', driveId: 'd' }],
    [{ user: 'me' }, { kind: 'user', user: 'me' }],
    [
      { kind: 'site', site: 's' },
      { kind: 'site', site: 's' },
    ],
  ])('a target of %j is understood', (given, expected) => {
    expect(ruleOf({ target: given }).target).toEqual(expected);
  });
});
