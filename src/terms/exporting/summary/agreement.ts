import { partyOf, type ExportedVersion } from '../exported-version.js';
import { sentencesOf, type Sentence } from './sentence.js';
import { moment, period } from './words.js';

const RENEWALS = { none: 'It is not renewed.', by_amendment: 'It is renewed only by amendment.' } as const;

/** Who may use whose models, in which version of the agreement, and for how long. */
export function agreementSentences(version: ExportedVersion): Sentence[] {
  const { number, digest, effectiveFrom, terms } = version;
  const { term, scope } = terms;
  const [evaluator, provider] = [partyOf(version, 'evaluator').legalName, partyOf(version, 'provider').legalName];
  return [
    ...sentencesOf(scope, [
      `The evaluator, ${evaluator}, may use models of the provider, ${provider}, as these terms say. ` +
        'What they do not name is not permitted.',
    ]),
    ...sentencesOf(term, [
      `The agreement holds ${period(term.effectiveFrom, term.expiresAt)}. ${RENEWALS[term.renewal]}`,
      `This is version ${number}, which takes effect on ${moment(effectiveFrom)}. Its digest is ${digest}.`,
    ]),
  ];
}
