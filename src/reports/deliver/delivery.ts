import type { z } from 'zod';
import type { GraphFor } from '../../graph/graph-client.ts';
import type { Ports } from '../../ports.ts';
import type { Blobs } from '../../storage/blobs.ts';
import type { Format } from '../render/renderer.ts';
import type { createUploadSessions } from './upload-session.ts';

/** A rendered report. It lies in the container `reports` before anything is delivered, so that no delivery can lose it. */
export interface DeliveryFile {
  readonly format: Format;
  /** `finance-inventory.csv`: without a stamp, which a delivery adds where it wants one. */
  readonly name: string;
  /** In the container `reports`. */
  readonly blob: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  readonly rows: number;
  /** Where a person who may see the run can download it. */
  readonly url?: string;
}

/** The report in a few words, as mails and webhooks tell of it. */
export interface DeliverySummary {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** What is delivered: one file or all of a run, as `per` of the kind says. */
export interface Parcel {
  /** The same for each try of one delivery, and for no other: what is done twice is done once. */
  readonly id: string;
  readonly run: string;
  readonly job: string;
  readonly report: string;
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly generatedAt: number;
  /** IANA name of the zone of the job's schedule: stamps in names of files are in its wall time. */
  readonly timeZone: string;
  /** Id or alias of the connection that the job acts as. */
  readonly connection: string;
  readonly summary: DeliverySummary;
  /** Address of the run in the console. */
  readonly url?: string;
  readonly files: readonly DeliveryFile[];
}

export interface DeliveryDeps {
  readonly ports: Ports;
  /** The container `reports`. */
  readonly blobs: Blobs;
  readonly graphFor: GraphFor;
  readonly sessions: ReturnType<typeof createUploadSessions>;
  /** The value of a secret that an administrator stored under this name; undefined when there is none. */
  secret(name: string): Promise<string | undefined>;
  /** Sends to a public https address, follows no redirect; throws where the address is not public. */
  readonly post: WebhookPost;
  /** Milliseconds since 1970 after which nothing long is begun. */
  readonly deadline: number;
}

export type WebhookPost = (
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
) => Promise<{ readonly status: number; readonly retryAfter?: number }>;

/** What became of a parcel. */
export interface Delivered {
  /** For people: a path, mail addresses, the host of a webhook. No secret. */
  readonly where: string;
  /** Address for a browser. */
  readonly webUrl?: string;
}

/** One way to hand over reports. */
export interface DeliveryKind<Input extends z.ZodType = z.ZodType> {
  readonly kind: string;
  /** One sentence. */
  readonly summary: string;
  /** Has the member `kind`. */
  readonly input: Input;
  /** Permissions of Microsoft Graph. */
  readonly needs: readonly string[];
  /** `file`: called for each file by itself; `run`: called once with all files. */
  readonly per: 'file' | 'run';
  /**
   * Hands the parcel over. Gives undefined when the deadline came first: then the next call with the same parcel goes on. Throws AppError,
   * `retryable` when a later try may do.
   */
  deliver(deps: DeliveryDeps, input: z.output<Input>, parcel: Parcel): Promise<Delivered | undefined>;
}

/** Keeps the type of the input. */
export function defineDelivery<Input extends z.ZodType>(kind: DeliveryKind<Input>): DeliveryKind<Input> {
  return kind;
}
