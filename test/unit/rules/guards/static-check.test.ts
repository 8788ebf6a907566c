import { checkForLoops } from '../../../../src/rules/guards/static-check.ts';
import { ruleOf } from '../stage.ts';

const inbox = { event: 'created', folder: '/Inbox' };
const changedInbox = { event: 'changed', folder: '/Inbox' };

describe('a rule that would run after its own results is refused', () => {
  it.each([
    ['moves into the watched folder', inbox, [{ move: { to: '/Inbox' } }], 'actions.0.move.to'],
    [
      'moves into a folder that may be watched',
      inbox,
      [{ move: { to: '/inbox/{yyyy}' } }],
      'actions.0.move.to',
    ],
    [
      'watches everything and moves',
      { event: 'created', folder: '/', subfolders: true },
      [{ move: { to: '/Filed' } }],
      'actions.0.move.to',
    ],
    ['adds to the name at each change', changedInbox, [{ rename: { to: '{yyyy} {name}' } }], 'actions'],
    [
      'copies within the watched folder',
      inbox,
      [{ copy: { to: '/Inbox', name: 'Copy of {name}' } }],
      'actions.0.copy',
    ],
    [
      'copies below a folder that is watched with its subfolders',
      { ...inbox, subfolders: true },
      [{ copy: { to: '/Inbox/Copies' } }],
      'actions.0.copy',
    ],
    ['converts every file to a file that it meets', inbox, [{ convert: {} }], 'actions.0.convert'],
    [
      'does something after the file is gone',
      inbox,
      [{ recycle: {} }, { move: { to: '/Filed' } }],
      'actions.0.recycle',
    ],
  ])('%s', (_, when, actions, path) => {
    expect(checkForLoops(ruleOf({ when, actions })).map((problem) => problem.path)).toContain(path);
  });
});

describe('a rule that comes to rest is accepted', () => {
  it.each([
    ['moves elsewhere', inbox, [{ move: { to: '/Filed/{yyyy}' } }]],
    [
      'sorts the files of the root into folders',
      { event: 'created', folder: '/' },
      [{ move: { to: '/{yyyy}' } }],
    ],
    ['adds to the name once, when the file is new', inbox, [{ rename: { to: '{yyyy} {name}' } }]],
    ['gives a fixed name at each change', changedInbox, [{ rename: { to: 'latest.{extension}' } }]],
    ['converts documents beside themselves', { ...inbox, name: '*.docx' }, [{ convert: {} }]],
    ['copies elsewhere at each change', changedInbox, [{ copy: { to: '/Archive' } }]],
    ['tags at each change', changedInbox, [{ tag: { set: { Status: 'New' } } }]],
    ['mails and then recycles', inbox, [{ mail: { to: 'a@b.example' } }, { recycle: {} }]],
  ])('%s', (_, when, actions) => {
    expect(checkForLoops(ruleOf({ when, actions }))).toEqual([]);
  });
});
