import type { Cure, Notices, SuspensionTerms, Termination, Terms } from '../../terms.js';
import { sentencesOf, type Sentence } from './sentence.js';
import { counted, listed, useLabel } from './words.js';

/** Where notices go, when they count, and how long a breach may be put right. */
export function breachSentences({ notices, cure }: Terms): Sentence[] {
  return [
    ...sentencesOf(notices, [
      addressesText(notices, 'provider'),
      addressesText(notices, 'evaluator'),
      `A notice counts as received after ${counted(notices.deemedReceivedHours, 'hour')}.`,
    ]),
    ...sentencesOf(cure, [
      `A breach that can be put right must be put right within ${counted(cure.periodDays, 'day')} of notice.`,
      incurableText(cure),
    ]),
  ];
}

function addressesText({ addresses }: Notices, party: 'provider' | 'evaluator'): string | null {
  const emails = addresses.filter((address) => address.party === party).map(({ email }) => email);
  return emails.length === 0 ? null : `Notices to the ${party} go to ${listed(emails)}.`;
}

function incurableText({ incurable }: Cure): string | null {
  return incurable.length === 0 ? null : `${listed(incurable.map(useLabel))} can never be put right.`;
}

/** When access may be stopped without notice, and how the agreement may end. */
export function endingSentences({ suspension, termination }: Terms): Sentence[] {
  return [
    ...sentencesOf(suspension, [
      withoutNoticeText(suspension),
      `A stop may stay undecided for at most ${counted(suspension.maxDaysWithoutDecision, 'day')}.`,
    ]),
    ...sentencesOf(termination, [
      `The agreement may be ended for convenience, that is without a reason, with ${noticeText(termination)}.`,
      termination.forCause
        ? 'It may also be ended for cause, that is for a breach.'
        : 'These terms do not provide for ending it for cause, that is for a breach.',
      survivingText(termination),
    ]),
  ];
}

function withoutNoticeText({ withoutNoticeFor }: SuspensionTerms): string {
  if (withoutNoticeFor.length === 0) return 'No use justifies a stop without prior notice.';
  const justify = withoutNoticeFor.length === 1 ? 'justifies' : 'justify';
  return `${listed(withoutNoticeFor.map(useLabel))} ${justify} a stop without prior notice.`;
}

function noticeText({ convenienceNoticeDays: days }: Termination): string {
  return `${counted(days, 'day’s', 'days’')} notice`;
}

function survivingText({ survivingClauses }: Termination): string {
  if (survivingClauses.length === 0) return 'No clause survives the end.';
  if (survivingClauses.length === 1) return `Clause ${survivingClauses.join()} survives the end.`;
  return `Clauses ${listed(survivingClauses)} survive the end.`;
}
