import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a pre-authenticated address is good for; `what` names an endpoint's own kind of thing. */
export interface Pass {
  readonly what: string;
  readonly drive: string;
  readonly item: string;
  /** Epoch ms. */
  readonly expires: number;
}

/** Signs and reads the tokens in pre-authenticated addresses. */
export interface PassUrls {
  sign(pass: Pass): string;
  /** Undefined when forged, `expired` when too old. */
  read(token: string): Pass | 'expired' | undefined;
}

export function createPassUrls(key: Buffer, clock: () => number): PassUrls {
  const seal = (text: string): string =>
    createHmac('sha256', key).update(text).digest('base64url').slice(0, 27);
  return {
    sign({ what, drive, item, expires }) {
      const text = Buffer.from(`${what}\n${drive}\n${item}\n${expires}`).toString('base64url');
      return `${text}.${seal(text)}`;
    },
    read(token) {
      const [text = '', signature = ''] = token.split('.');
      const expected = Buffer.from(seal(text));
      const given = Buffer.from(signature);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      const [what = '', drive = '', item = '', expires = '0'] = Buffer.from(text, 'base64url')
        .toString()
        .split('\n');
      return Number(expires) <= clock() ? 'expired' : { what, drive, item, expires: Number(expires) };
    },
  };
}
