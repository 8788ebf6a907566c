import { type EndingCredential, endingSentence } from '../broker/notices/credential-watch.ts';
import type { Notice } from '../broker/notices/notice.ts';
import type { Notices } from '../broker/notices/notices.ts';
import type { KeyRotation } from '../storage/key-rotation.ts';
import type { RingState } from '../storage/ring-state.ts';
import type { Warning } from './overview.ts';

/** What of the installation itself needs an administrator. What can't be found out now is left out: readiness says why. */
export function createInstallationWarnings(deps: {
  readonly notices: Pick<Notices, 'credential' | 'givenUp'>;
  readonly keyRotation: Pick<KeyRotation, 'state'>;
}): () => Promise<Warning[]> {
  return async () => {
    const [credential, givenUp, rotation] = await Promise.all([
      deps.notices.credential.ending().catch(() => undefined),
      deps.notices.givenUp(),
      deps.keyRotation.state(),
    ]);
    return [credentialWarning(credential), rotationWarning(rotation), noticeWarning(givenUp)].filter(
      (each) => each !== undefined,
    );
  };
}

function credentialWarning(credential: EndingCredential | undefined): Warning | undefined {
  if (!credential) return undefined;
  return {
    title: endingSentence(credential),
    detail: `Add a new one to the app registration, then put it into Key Vault as "${credential.name}". It is picked up within ten minutes.`,
  };
}

function rotationWarning(state: RingState | undefined): Warning | undefined {
  if (state?.phase !== 'retire' || !state.left) return undefined;
  const { rows } = state.left;
  return {
    title: 'The rotation of the key is not over',
    detail: `${rows} stored ${rows === 1 ? 'row still uses' : 'rows still use'} the old key, which therefore stays. It is tried again each day; GET /api/keys says more.`,
  };
}

function noticeWarning(givenUp: readonly Notice[]): Warning | undefined {
  const last = givenUp.at(-1)?.givenUp;
  if (!last) return undefined;
  return {
    title: `${givenUp.length} ${givenUp.length === 1 ? 'notice' : 'notices'} could not be delivered`,
    detail: `It was tried for three days. ${last.message}`,
  };
}
