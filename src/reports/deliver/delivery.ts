import { z } from 'zod';
import type { GraphFor } from '../../graph/graph-client.ts';
import type { Post } from '../../outbound/post.ts';
import type { Clock } from '../../ports.ts';
import type { Blobs } from '../../storage/blobs.ts';
import { formats } from '../render/renderer.ts';
import type { createUploadSessions } from './upload-session.ts';

/** A rendered report. It lies in the container `reports` before anything is delivered, so that no delivery can lose it. */
export const deliveryFile = z.object({
  format: z.enum(formats),
  /** `finance-inventory.csv`: without a stamp, which a delivery adds where it wants one. */
  name: z.string(),
  /** In the container `reports`. */
  blob: z.string(),
  contentType: z.string(),
  /** Bytes. */
  size: z.number(),
  rows: z.number(),
  /** Where a person who may see the run can download it. */
  url: z.string().optional(),
});
export type DeliveryFile = Readonly<z.infer<typeof deliveryFile>>;

/** The report in a few words, as mails and webhooks tell of it. */
export const deliverySummary = z.object({
  /** One line, without the name of the product. */
  subject: z.string(),
  /** Rows of a table of 600 px for mail clients: inline styles, no script, no picture, less than 60 KB. */
  html: z.string(),
  /** The same as plain text. */
  text: z.string(),
});
export type DeliverySummary = Readonly<z.infer<typeof deliverySummary>>;

/** What a run hands over: kept beside its files, so that a delivery can be tried again without the run. */
export const runParcel = z.object({
  /** Id of the run. */
  run: z.string(),
  job: z.string(),
  /** Name of the report in the catalogue, and its title. */
  report: z.string(),
  title: z.string(),
  /** Milliseconds since 1970. */
  generatedAt: z.number(),
  /** `2026-07-31-060000`, when the run was due in the wall time of its schedule: for names of files, the same for each try. */
  stamp: z.string(),
  /** Id or alias of the connection that the job acts as. */
  connection: z.string(),
  summary: deliverySummary,
  /** Address of the run in the console. */
  url: z.string().optional(),
  files: z.array(deliveryFile),
});
export type RunParcel = Readonly<z.infer<typeof runParcel>>;

/** What is delivered: one file or all of a run, as `per` of the kind says. */
export interface Parcel extends RunParcel {
  /** The same for each try of one delivery, and for no other: what is done twice is done once. */
  readonly id: string;
}

/** What a delivery remembers from one try to the next, kept with its row. Nothing secret. */
export interface Notes {
  get(name: string): string | undefined;
  set(name: string, value: string): Promise<void>;
}

export interface DeliveryDeps {
  readonly clock: Clock;
  /** The container `reports`. */
  readonly blobs: Pick<Blobs, 'get' | 'range' | 'stream'>;
  /** Another container of the app's storage account, made when it is not there. */
  container(name: string): Pick<Blobs, 'putStream'>;
  readonly graphFor: GraphFor;
  readonly sessions: ReturnType<typeof createUploadSessions>;
  /** The value of a secret in Key Vault; undefined when there is none. */
  secret(name: string): Promise<string | undefined>;
  readonly post: Post;
  readonly notes: Notes;
  /** Milliseconds since 1970 after which nothing long is begun. */
  readonly deadline: number;
}

/** What became of a parcel. */
export interface Delivered {
  /** For people: a path, mail addresses, the host of a webhook. No secret. */
  readonly where: string;
  /** Address for a browser. */
  readonly webUrl?: string | undefined;
}

/** What is wrong with a delivery that was written down; the path is within the delivery. */
export interface DeliveryProblem {
  readonly path: string;
  readonly message: string;
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
  /** Where it goes, for people, before anything was sent. */
  words(input: z.output<Input>): string;
  /** What can't work with a connection of this kind. */
  problem?(
    input: z.output<Input>,
    connection: { readonly kind: 'user' | 'app' },
  ): DeliveryProblem | undefined;
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
