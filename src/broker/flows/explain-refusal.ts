import { AppError } from '../../errors.ts';

/** How a sign-in was tried that shows no page of Microsoft’s to the person, in the words of a message. */
export interface Means {
  /** Such as "a password alone": what could not do it. */
  readonly by: string;
  /** The next step that remains. */
  readonly instead: string;
}

/** Whatever else Entra says, there is this. By AADSTS number, because Entra calls all of these invalid_grant. */
const refusals: ReadonlyMap<number, (means: Means) => string> = new Map([
  [
    50053,
    () => 'Microsoft has locked this account for now, after too many wrong passwords or from this address.',
  ],
  [50055, ({ instead }: Means) => `The password has expired and must be changed. ${instead}`],
  [50057, () => 'This account is disabled.'],
  ...[53000, 53001, 53003, 530032, 530035].map((number): [number, (means: Means) => string] => [
    number,
    ({ by, instead }) => `Conditional Access does not let this account sign in by ${by}. ${instead}`,
  ]),
]);

const secondFactor = new Set([50072, 50074, 50076, 50079, 50158]);

/**
 * A refusal of Microsoft in words that name the next step: `interaction_required` where a second factor or the person is missing,
 * `access_denied` for what stands against the account. What it doesn't know comes back as it is.
 */
export function explainRefusal(error: AppError, means: Means): AppError {
  const numbers = aadstsNumbers(error);
  const options = error.detail === undefined ? {} : { detail: error.detail };
  if (numbers.some((number) => secondFactor.has(number))) {
    return new AppError(
      'interaction_required',
      `This account needs a second factor, which ${means.by} can’t give. ${means.instead}`,
      options,
    );
  }
  const known = numbers.map((number) => refusals.get(number)).find((text) => text !== undefined);
  if (known) return new AppError('access_denied', known(means), options);
  if (error.code !== 'interaction_required' && error.code !== 'claims_challenge') return error;
  return new AppError('interaction_required', `Microsoft wants to see the person. ${means.instead}`, options);
}

/** The numbers that Entra’s answer named. */
export function aadstsNumbers(error: AppError): number[] {
  return [...(error.detail ?? '').matchAll(/AADSTS(\d+)/g)].map(([, number]) => Number(number));
}
