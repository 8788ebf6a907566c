import { z } from 'zod';
import { actions } from './actions/index.ts';
import { conditions } from './conditions/index.ts';

/** One kind of condition or action as a person reads about it. */
export interface RuleKind {
  readonly name: string;
  readonly summary: string;
  /** Graph permissions that its rule's connection must have. */
  readonly needs: readonly string[];
  /** JSON Schema of what is written behind its name. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** Everything that a rule may name, from the files that do the work. */
export function ruleKinds(): { conditions: RuleKind[]; actions: RuleKind[] } {
  return { conditions: conditions.map(toKind), actions: actions.map(toKind) };
}

function toKind(kind: {
  readonly name: string;
  readonly summary: string;
  readonly needs: readonly string[];
  readonly input: z.ZodType;
}): RuleKind {
  const { $schema: _, ...input } = z.toJSONSchema(kind.input, { io: 'input', unrepresentable: 'any' });
  return { name: kind.name, summary: kind.summary, needs: kind.needs, input };
}
