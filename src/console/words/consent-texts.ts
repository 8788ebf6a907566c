import type { ConsentLinkStatus, ConsentOutcome } from '../../broker/consent-link.ts';

export interface ConsentText {
  readonly title: string;
  readonly message: string;
  readonly tone: 'good' | 'warn' | 'bad';
  /** What the reader does now, if anything. */
  readonly advice: string;
}

/** What the page behind a link says when the link is no longer open. */
export function linkText(
  status: Exclude<ConsentLinkStatus, 'open'>,
  reason: string | undefined,
): ConsentText {
  switch (status) {
    case 'proving':
      return checking('Microsoft says that access was approved. We are checking it with a token of our own.');
    case 'connected':
      return verified(
        'Access was approved with this link, and a token proved it. The link can’t be used again.',
      );
    case 'refused':
      return {
        title: 'The approval could not be verified',
        message: reason ?? 'The permissions never appeared in a token for your organisation.',
        tone: 'bad',
        advice: 'Ask the person who sent you the link for a new one.',
      };
    case 'expired':
      return {
        title: 'This link has expired',
        message: 'Nothing was approved with it.',
        tone: 'warn',
        advice: 'Ask the person who sent you the link for a new one.',
      };
  }
}

/** What the way back from Microsoft came to. */
export function outcomeText({ status, message }: Pick<ConsentOutcome, 'status' | 'message'>): ConsentText {
  switch (status) {
    case 'connected':
      return verified(message);
    case 'proving':
      return checking(message);
    case 'declined':
      return {
        title: 'Nothing was approved',
        message,
        tone: 'warn',
        advice: 'If that was not your intention, open the link that you were sent once more.',
      };
    case 'refused':
      return {
        title: 'The approval was not accepted',
        message,
        tone: 'bad',
        advice: 'Ask the person who sent you the link for a new one.',
      };
  }
}

/** The answer of Microsoft came twice, too late, or was not asked for. */
export const staleAnswer: ConsentText = {
  title: 'This answer was used already',
  message: 'The answer from Microsoft was read before, is too old, or was not asked for by this site.',
  tone: 'warn',
  advice:
    'If you have just approved, nothing is lost: open the link that you were sent to see how it stands.',
};

/** No link has this address. */
export const unknownLink: ConsentText = {
  title: 'This consent link is not known',
  message: 'The address may be incomplete, or the link was removed.',
  tone: 'warn',
  advice: 'Check that the whole address was copied, or ask the person who sent it for a new one.',
};

function verified(message: string): ConsentText {
  return {
    title: 'Access is approved and verified',
    message,
    tone: 'good',
    advice: 'You can close this page.',
  };
}

function checking(message: string): ConsentText {
  return {
    title: 'Microsoft says yes, we are checking',
    message,
    tone: 'warn',
    advice:
      'This takes from a few seconds to some minutes, and needs nothing from you. Open the link that you were sent to see how it stands.',
  };
}
