import { randomBytes } from 'node:crypto';
import type { StatePart } from '../state.ts';

export interface SecretVersion {
  readonly version: string;
  readonly value: string;
  contentType: string | undefined;
  tags: Record<string, string>;
  enabled: boolean;
  nbf: number | undefined;
  exp: number | undefined;
  readonly created: number;
  updated: number;
}

export interface SecretRecord {
  /** As first written; names are compared in any case. */
  readonly name: string;
  /** Oldest first. */
  versions: SecretVersion[];
  /** Epoch seconds of its deletion, while it can be recovered. */
  deletedAt: number | undefined;
}

export interface NewSecret {
  readonly value: string;
  readonly contentType?: string | undefined;
  readonly tags?: Record<string, string> | undefined;
  readonly attributes?:
    | { enabled?: boolean | undefined; nbf?: number | undefined; exp?: number | undefined }
    | undefined;
}

/** The secrets of the vault, deleted ones included. */
export interface Secrets extends StatePart {
  find(name: string): SecretRecord | undefined;
  all(): readonly SecretRecord[];
  add(name: string, secret: NewSecret): SecretVersion;
  restore(record: SecretRecord): void;
  purge(name: string): void;
}

export function createSecrets(clock: () => number, onChange: () => void): Secrets {
  let records = new Map<string, SecretRecord>();
  return {
    find: (name) => records.get(name.toLowerCase()),
    all: () => [...records.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    add(name, { value, contentType, tags = {}, attributes = {} }) {
      const now = Math.floor(clock() / 1000);
      const made: SecretVersion = {
        version: randomBytes(16).toString('hex'),
        value,
        contentType,
        tags,
        enabled: attributes.enabled ?? true,
        nbf: attributes.nbf,
        exp: attributes.exp,
        created: now,
        updated: now,
      };
      const record = records.get(name.toLowerCase()) ?? { name, versions: [], deletedAt: undefined };
      record.versions.push(made);
      records.set(name.toLowerCase(), record);
      onChange();
      return made;
    },
    restore(record) {
      records.set(record.name.toLowerCase(), record);
      onChange();
    },
    purge(name) {
      records.delete(name.toLowerCase());
      onChange();
    },
    save: () => [...records.values()],
    load(value) {
      records = new Map((value as SecretRecord[]).map((record) => [record.name.toLowerCase(), record]));
    },
  };
}
