import { randomBytes } from 'node:crypto';
import { AppError } from '../../../src/errors.ts';
import type { LogFields, Ports } from '../../../src/ports.ts';
import { createRuleMemory } from '../../../src/rules/guards/memory.ts';
import type { ItemFacts } from '../../../src/rules/item-facts.ts';
import { createJournal } from '../../../src/rules/journal/journal.ts';
import type { ItemWriter } from '../../../src/rules/operate/item-writer.ts';
import { type OperationMessage, operationMessage } from '../../../src/rules/operate/operation-message.ts';
import { type RuleDefinition, ruleDefinition } from '../../../src/rules/rule.ts';
import { createRuleStore } from '../../../src/rules/rule-store.ts';
import { joinFolder } from '../../../src/rules/text/folder.ts';
import { createStorageClients } from '../../../src/storage/clients.ts';
import { createLeases } from '../../../src/storage/leases.ts';
import type { Queue } from '../../../src/storage/queue.ts';
import { createQueue } from '../../../src/storage/queue.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { createTable } from '../../../src/storage/table.ts';
import { scriptedFeed } from './feed.ts';

/** Tables, queues and leases of one storage account, without a vault. */
export function storageOf(
  connectionString: string,
  clock: () => number,
): Pick<Storage, 'table' | 'queue' | 'leases'> {
  const clients = createStorageClients({ kind: 'connectionString', connectionString }, () => {
    throw new Error('a connection string needs no identity');
  });
  return {
    table: (options) => createTable(clients, options),
    queue: (name, schema) => createQueue(clients, name, schema),
    leases: createLeases(clients, clock, randomBytes),
  };
}

export interface Time {
  now: number;
}

/** Ports with a clock that only the test turns, and a log that it can read. */
export function portsAt(time: Time): Ports & { readonly lines: (LogFields & { event: string })[] } {
  const lines: (LogFields & { event: string })[] = [];
  const line = (event: string, fields?: LogFields) => void lines.push({ event, ...fields });
  return {
    clock: () => time.now,
    random: randomBytes,
    fetch: () => Promise.reject(new Error('nothing is fetched here')),
    log: { info: line, warn: line, error: line },
    lines,
  };
}

export function ruleOf(given: Record<string, unknown> = {}): RuleDefinition {
  return ruleDefinition.parse({
    name: 'file-documents',
    connection: 'contoso',
    target: { kind: 'drive', driveId: 'drive-1' },
    when: { event: 'created', folder: '/Inbox', name: '*.docx' },
    actions: [{ move: { to: '/Filed/{yyyy}' } }],
    ...given,
  });
}

export function itemOf(given: Partial<ItemFacts> = {}): ItemFacts {
  const at = Date.UTC(2026, 10, 24);
  return {
    id: 'item-1',
    eTag: '"1"',
    name: 'Offer.docx',
    parentId: 'id of /Inbox',
    folder: '/Inbox',
    createdAt: at,
    modifiedAt: at,
    modifiedByUser: 'somebody',
    modifiedByApp: undefined,
    modifiedByEmail: undefined,
    size: 1_000,
    hash: undefined,
    shared: undefined,
    ...given,
  };
}

/** A drive in memory that keeps the promises of an ItemWriter, and counts writes. */
export function memoryDrive(items: readonly ItemFacts[]) {
  const held = new Map(items.map((item) => [item.id, item]));
  const writes: string[] = [];
  const writer: ItemWriter = {
    driveId: 'drive-1',
    graph: scriptedFeed().client,
    post: () => Promise.reject(new Error('nobody is told anything here')),
    fileAt: async (folder, name) =>
      [...held.values()].find((item) => item.folder === folder && item.name === name),
    async remove(id, eTag) {
      if (held.get(id)?.eTag !== eTag) throw new AppError('precondition_failed', 'It was changed.');
      return held.delete(id);
    },
    read: async (id) => held.get(id),
    folderId: async (folder) => `id of ${folder}`,
    async change(item, change) {
      const now = held.get(item.id);
      if (!now) throw new AppError('not_found', 'It is gone.');
      if (now.eTag !== item.eTag) throw new AppError('precondition_failed', 'It was changed.');
      const parentId = change.parentId ?? now.parentId;
      const folder = parentId.replace(/^id of /, '');
      const next = { ...now, parentId, folder, name: change.name ?? now.name, eTag: nextTag(now.eTag) };
      held.set(item.id, next);
      writes.push(joinFolder(next.folder, next.name));
      return next;
    },
  };
  return { writer, held, writes };
}

export function nextTag(eTag: string): string {
  return `"${Number(eTag.replaceAll('"', '')) + 1}"`;
}

/** The parts that work on operations, over real tables; the queue is a list that the test reads. */
export function operationStage(connectionString: string, time: Time) {
  const storage = storageOf(connectionString, () => time.now);
  const ports = portsAt(time);
  const sent: (OperationMessage & { delaySeconds: number })[] = [];
  const queue: Queue<OperationMessage> = {
    name: 'operations',
    send: async (message, options) =>
      void sent.push({ ...message, delaySeconds: options?.delaySeconds ?? 0 }),
    parse: (message) => operationMessage.parse(message),
  };
  return {
    ports,
    queue,
    sent,
    rules: createRuleStore(storage, ports.clock),
    journal: createJournal(storage, ports.clock),
    memory: createRuleMemory(storage, ports.clock),
  };
}
