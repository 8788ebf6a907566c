import { setTimeout as after } from 'node:timers/promises';
import { z } from 'zod';
import { AppError, isAppError } from '../../errors.ts';
import type { ItemFacts } from '../item-facts.ts';
import { itemPath } from '../operate/item-path.ts';
import type { ItemWriter } from '../operate/item-writer.ts';
import { toFolder } from '../text/folder.ts';
import { nameProblem } from '../text/item-name.ts';
import { dateFields, exampleOf, fillTemplate, nameFields, templateProblem } from '../text/template.ts';
import { defineAction, type Outcome } from './action.ts';
import { destination } from './destination.ts';

const newName = z.string().superRefine((text, context) => {
  const problem = templateProblem(text, [...dateFields, ...nameFields]) ?? nameProblem(exampleOf(text));
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

const wanted = z.object({ folder: z.string(), name: z.string() });
type Wanted = z.infer<typeof wanted>;

/** How long one try waits for Graph to finish the copy; a longer one is looked for by the next try. */
const waitsMs = [200, 400, 800, 1_600, 3_200];

export const copy = defineAction({
  name: 'copy',
  summary:
    'Copies the file to a folder of the same drive; a file of the same name there is never overwritten.',
  input: z.strictObject({ to: destination, name: newName.optional() }),
  wanted,
  needs: ['Files.ReadWrite.All'],
  sentence: ({ to }) => `copy to ${to}`,
  target: ({ to }) => to,
  makes: { folder: ({ to }) => to, file: (_item, { folder, name }) => ({ folder, name }) },
  plan: (item, { to, name }) => {
    const made = name === undefined ? item.name : fillTemplate(name, item);
    const problem = nameProblem(made);
    if (problem)
      throw new AppError('invalid_request', `The copy's name ${problem}. Change the rule's template.`);
    return { folder: toFolder(fillTemplate(to, item)), name: made };
  },
  expected: (item) => item,
  words: ({ folder, name }) => `copy to ${folder} as ${name}`,
  async find(item, { folder, name }, writer, began) {
    const there = await writer.fileAt(folder, name);
    if (!there) return undefined;
    if (began) return madeOf(item, there);
    if (there.id === item.id) throw taken(name, folder);
    // The same contents, however they came there, are what was wanted.
    if (there.hash !== undefined && there.hash === item.hash) return { item };
    throw taken(name, folder);
  },
  async apply(item, plan, writer) {
    const parentId = await writer.folderId(plan.folder);
    const { headers } = await writer.graph.call({
      method: 'POST',
      path: `${itemPath(writer, item.id)}/copy?@microsoft.graph.conflictBehavior=fail`,
      body: { parentReference: { driveId: writer.driveId, id: parentId }, name: plan.name },
    });
    return waitFor(item, plan, writer, headers.get('location'));
  },
});

async function waitFor(
  item: ItemFacts,
  plan: Wanted,
  writer: ItemWriter,
  monitor: string | null,
): Promise<Outcome> {
  for (const ms of waitsMs) {
    await after(ms);
    const state = monitor === null ? undefined : await stateOf(writer, monitor);
    if (state === 'failed') throw taken(plan.name, plan.folder);
    if (state === 'running') continue;
    const made = await writer.fileAt(plan.folder, plan.name);
    if (made) return madeOf(item, made);
  }
  throw new AppError('upstream_unavailable', 'Microsoft Graph is still copying the file.', {
    retryable: true,
    retryAfter: 15,
  });
}

const progress = z.object({ status: z.string() });

/** What the monitor says; its HTTP status means nothing. */
async function stateOf(writer: ItemWriter, monitor: string): Promise<'running' | 'failed' | 'ended'> {
  try {
    const { body } = await writer.graph.preauthenticated({ method: 'GET', url: monitor });
    const status = progress.safeParse(body).data?.status;
    if (status === 'failed' || status === 'cancelled') return 'failed';
    return status === undefined || status === 'completed' ? 'ended' : 'running';
  } catch (error) {
    if (!isAppError(error)) throw error;
    return 'ended';
  }
}

function madeOf(item: ItemFacts, made: ItemFacts): Outcome {
  return { item, inverse: { kind: 'remove', itemId: made.id, eTag: made.eTag } };
}

function taken(name: string, folder: string): AppError {
  return new AppError('conflict', `There is another file ${name} in ${folder}; it was left as it is.`);
}
