import type { RuleView } from '../overview.ts';

/** A piece of a sentence; `literal` is a path, a pattern or a name, set apart from the words. */
export type SentencePart = string | { readonly literal: string };

/** "When a file named *.docx is added to /Inbox, move it to /Filed/{yyyy}." */
export function ruleSentence(rule: Pick<RuleView, 'when' | 'conditions' | 'actions'>): SentencePart[] {
  const { when, conditions, actions } = rule;
  const parts: SentencePart[] = ['When a file '];
  if (when.name) parts.push('named ', { literal: when.name }, ' ');
  parts.push(when.event === 'created' ? 'is added to ' : 'is changed in ', { literal: when.folder });
  if (conditions.length > 0) parts.push(` and ${conditions.join(' and ')}`);
  parts.push(', ');
  if (actions.length === 0) parts.push('do nothing');
  actions.forEach((action, index) => {
    if (index > 0) parts.push(', then ');
    parts.push(...actionWords(action));
  });
  parts.push('.');
  return parts;
}

function actionWords({ verb, to }: RuleView['actions'][number]): SentencePart[] {
  if (to === undefined) return [`${verb} it`];
  return [`${verb} it to `, { literal: to }];
}
