import { base } from './css/base.ts';
import { components } from './css/components.ts';
import { layout } from './css/layout.ts';
import { tables } from './css/tables.ts';
import { tokens } from './css/tokens.ts';

/** The one style sheet. TypeScript rather than a .css file, so that bundler, tests and Node load it without a plug-in. */
export const stylesheet = [tokens, base, layout, components, tables].join('\n').replace(/\n\s*/g, '\n');
