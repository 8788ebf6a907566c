import { isAppError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import { isActive, type RuleDefinition, type StoredRule, storedRule } from './rule.ts';

export interface SavedDrive {
  readonly id: string;
  readonly name: string;
}

/** The rules of this installation: table `rules`, one row each. */
export interface RuleStore {
  get(name: string): Promise<StoredRule | undefined>;
  /** By name. */
  list(): Promise<StoredRule[]>;
  /** The active rules of a drive, those of one connection where it is named. */
  active(driveId: string, connection?: string): Promise<StoredRule[]>;
  /**
   * Makes or replaces it. One that says the same as before, and isn't held, stays as it is; any other becomes a new version,
   * which looks at nothing that was there before now.
   */
  put(
    definition: RuleDefinition,
    drive: SavedDrive,
    by: string,
  ): Promise<{ rule: StoredRule; created: boolean }>;
  /** Lets this version stand still until it is saved again. False when it was changed in the meantime. */
  hold(rule: StoredRule, problem: { code: string; message: string }): Promise<boolean>;
  /** False when there was none. */
  remove(name: string): Promise<boolean>;
}

const partition = 'rule';

export function createRuleStore(storage: Pick<Storage, 'table'>, clock: Clock): RuleStore {
  const table = storage.table<StoredRule>({ name: 'rules', schema: storedRule });

  async function list(): Promise<StoredRule[]> {
    const found: StoredRule[] = [];
    for await (const { value } of table.list({ partition })) found.push(value);
    return found;
  }

  return {
    get: async (name) => (await table.get(partition, name))?.value,
    list,
    active: async (driveId, connection) =>
      (await list()).filter(
        (rule) =>
          isActive(rule) &&
          rule.driveId === driveId &&
          (connection === undefined || rule.definition.connection === connection),
      ),

    async put(definition, drive, by) {
      for (let tries = 0; ; tries += 1) {
        const old = await table.get(partition, definition.name);
        if (old && !old.value.held && saysTheSame(old.value, definition, drive)) {
          return { rule: old.value, created: false };
        }
        const now = clock();
        const rule: StoredRule = {
          definition,
          // Above every version of a rule that had this name before and was removed: its journal is still there.
          version: Math.max((old?.value.version ?? 0) + 1, Math.floor(now / 1000)),
          driveId: drive.id,
          driveName: drive.name,
          armedAt: now,
          createdAt: old?.value.createdAt ?? now,
          updatedAt: now,
          updatedBy: by,
        };
        try {
          if (old) await table.replace(old, rule);
          else await table.insert(partition, definition.name, rule);
          return { rule, created: !old };
        } catch (error) {
          if (!isRace(error) || tries >= 4) throw error;
        }
      }
    },

    async hold(rule, problem) {
      const old = await table.get(partition, rule.definition.name);
      if (!old || old.value.version !== rule.version) return false;
      try {
        await table.replace(old, { ...old.value, held: { ...problem, at: clock() } });
        return true;
      } catch (error) {
        if (isRace(error)) return false;
        throw error;
      }
    },

    remove: (name) => table.remove(partition, name),
  };
}

function saysTheSame(old: StoredRule, definition: RuleDefinition, drive: SavedDrive): boolean {
  return old.driveId === drive.id && JSON.stringify(old.definition) === JSON.stringify(definition);
}

function isRace(error: unknown): boolean {
  return (
    isAppError(error, 'precondition_failed') ||
    isAppError(error, 'conflict') ||
    isAppError(error, 'not_found')
  );
}
