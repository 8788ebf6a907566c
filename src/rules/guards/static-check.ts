import { openEntry } from '../entry.ts';
import type { ItemFacts } from '../item-facts.ts';
import { evaluate } from '../match.ts';
import { planSteps } from '../plan-steps.ts';
import type { RuleDefinition } from '../rule.ts';
import { segmentsOf } from '../text/folder.ts';
import { couldBecome } from '../text/template.ts';

export interface RuleProblem {
  readonly path: string;
  readonly message: string;
}

/** What would make a rule run after its own results. Asked when a rule is saved; an empty list lets it pass. */
export function checkForLoops(rule: RuleDefinition): RuleProblem[] {
  return [...movesIntoWatched(rule), ...firesForItsResult(rule)];
}

/** A destination inside the watched folder brings the file straight back under the rule's eyes. */
function movesIntoWatched({ when, actions }: RuleDefinition): RuleProblem[] {
  const watched = segmentsOf(when.folder);
  return actions.flatMap((entry, i) => {
    const [name, input] = openEntry(entry);
    const to = name === 'move' && isObject(input) ? input.to : undefined;
    if (typeof to !== 'string') return [];
    const target = segmentsOf(to);
    const within = watched.every((part, at) => target[at] !== undefined && couldBecome(target[at], part));
    // Everything is inside the root; a rule that looks at the root's own files alone may sort them into folders.
    const harmless = watched.length === 0 && !when.subfolders && target.length > 0;
    if (!within || harmless) return [];
    const message = `is inside the watched folder ${when.folder}: the rule would meet its own results`;
    return [{ path: `actions.${i}.move.to`, message }];
  });
}

/** A new name that gets another new name at the next change, such as `2026 {name}`, never comes to rest. */
function firesForItsResult(rule: RuleDefinition): RuleProblem[] {
  if (rule.when.event !== 'changed') return [];
  for (const item of examples(rule)) {
    if (!evaluate(rule, item).matched) continue;
    const first = planSteps(rule.actions, item).result;
    if (!evaluate(rule, first).matched) continue;
    const again = planSteps(rule.actions, first);
    if (again.result === first) continue;
    const message = `would fire again for its own result: ${item.name} becomes ${first.name}, then ${again.result.name}. Use the event "created", or move the file out of the folder`;
    return [{ path: 'actions', message }];
  }
  return [];
}

function examples({ when, conditions }: RuleDefinition): ItemFacts[] {
  const patterns = [
    ...[when.name ?? []].flat(),
    ...conditions.flatMap((entry) => {
      const [name, input] = openEntry(entry);
      const values = [input].flat().filter((value) => typeof value === 'string');
      if (name === 'extension') return values.map((value) => `*.${value}`);
      return name === 'name' ? values : [];
    }),
  ].filter((value) => typeof value === 'string');
  const names = [
    'report.docx',
    ...patterns.map((text) => text.replaceAll('*', 'report').replaceAll('?', 'x')),
  ];
  return names.map((name) => ({
    id: 'example',
    eTag: 'example',
    name,
    parentId: 'example',
    folder: when.folder,
    createdAt: Date.UTC(2026, 0, 31),
    modifiedAt: Date.UTC(2026, 0, 31),
    modifiedByUser: undefined,
    modifiedByApp: undefined,
    modifiedByEmail: undefined,
    size: 1_000,
    hash: undefined,
    shared: undefined,
  }));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
