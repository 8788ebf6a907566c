import { type RunParcel, runParcel } from '../../reports/deliver/delivery.ts';
import type { Blobs } from '../../storage/blobs.ts';

/** What each run hands over, kept beside its files and for as long. */
export interface Parcels {
  save(parcel: RunParcel): Promise<void>;
  /** Undefined once the files of the run were removed. */
  load(run: string): Promise<RunParcel | undefined>;
}

export function createParcels(blobs: Pick<Blobs, 'put' | 'get'>): Parcels {
  return {
    save: (parcel) =>
      blobs.put(nameOf(parcel.run), Buffer.from(JSON.stringify(parcel)), 'application/json; charset=utf-8'),
    async load(run) {
      const data = await blobs.get(nameOf(run));
      return data && runParcel.parse(JSON.parse(data.toString('utf8')));
    },
  };
}

/** `finance/finance.7980…/parcel.json` */
function nameOf(run: string): string {
  return `${run.split('.')[0] ?? ''}/${run}/parcel.json`;
}
