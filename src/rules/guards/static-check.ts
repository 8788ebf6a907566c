import { isAppError } from '../../errors.ts';
import type { AnyAction } from '../actions/action.ts';
import { actionNamed } from '../actions/index.ts';
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
  return [...movesIntoWatched(rule), ...firesForItsResult(rule), ...meetsWhatItMakes(rule), ...goesOn(rule)];
}

/** A copy, or a PDF, that the rule would meet as a new file makes another one, and so on. */
function meetsWhatItMakes(rule: RuleDefinition): RuleProblem[] {
  const problems = new Map<number, RuleProblem>();
  for (const item of examples(rule)) {
    if (!evaluate(rule, item).matched) continue;
    rule.actions.forEach((entry, at) => {
      const [name, input] = openEntry(entry);
      const action = actionNamed(name);
      const made = action?.makes ? madeBy(action, input, item) : undefined;
      if (!made || !evaluate(rule, { ...item, ...made }).matched) return;
      const message = `makes ${made.name} in ${made.folder}, which the rule would meet again`;
      problems.set(at, { path: `actions.${at}.${name}`, message });
    });
  }
  return [...problems.values()];
}

/** Undefined for an example of which nothing can be made. */
function madeBy(action: AnyAction, input: unknown, item: ItemFacts) {
  try {
    return action.makes?.file(item, action.plan(item, input));
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

/** Nothing can be done with a file that is gone. */
function goesOn({ actions }: RuleDefinition): RuleProblem[] {
  return actions.flatMap((entry, at) => {
    const [name] = openEntry(entry);
    if (!actionNamed(name)?.takesAway || at === actions.length - 1) return [];
    return [{ path: `actions.${at}.${name}`, message: 'must be the last action: the file is gone then' }];
  });
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
    const first = resultOf(rule, item);
    if (!first || !evaluate(rule, first).matched) continue;
    const again = resultOf(rule, first) ?? first;
    if (again === first) continue;
    const message = `would fire again for its own result: ${item.name} becomes ${first.name}, then ${again.name}. Use the event "created", or move the file out of the folder`;
    return [{ path: 'actions', message }];
  }
  return [];
}

/** Undefined for an example with which nothing can be done. */
function resultOf(rule: RuleDefinition, item: ItemFacts): ItemFacts | undefined {
  try {
    return planSteps(rule.actions, item).result;
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
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
