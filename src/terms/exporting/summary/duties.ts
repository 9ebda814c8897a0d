import type { DataTerms, Obligation, Publication, Terms } from '../../terms.js';
import { sentencesOf, type Sentence } from './sentence.js';
import { counted, listed } from './words.js';

const KINDS: Readonly<Record<Obligation['kind'], string>> = {
  usage_attestation: 'a usage attestation',
  interim_report: 'an interim report',
  final_report: 'a final report',
  raw_results: 'the raw results',
  vulnerability_disclosure: 'the disclosure of a vulnerability',
};

const MOMENTS: Readonly<Record<Obligation['cadence'], string>> = {
  monthly: 'the end of each month',
  quarterly: 'the end of each quarter',
  on_campaign_end: 'the end of each campaign',
  on_discovery: 'its discovery',
  on_term_end: 'the end of the term',
};

/** What the evaluator must report, and when. */
export function reportSentences({ reporting }: Terms): Sentence[] {
  return reporting.flatMap((obligation) => {
    const { kind, cadence, dueDays } = obligation;
    const text = `The evaluator owes ${KINDS[kind]} within ${counted(dueDays, 'day')} of ${MOMENTS[cadence]}.`;
    return sentencesOf(obligation, [text]);
  });
}

const GROUNDS: Readonly<Record<Publication['grounds'][number], string>> = {
  factual_error: 'factual errors',
  confidential_information: 'confidential information',
  hazardous_detail: 'hazardous details',
  third_party_rights: 'the rights of third parties',
};

/** How long the provider may review what is to be published, and what it may object to. */
export function publicationSentences({ publication }: Terms): Sentence[] {
  const { reviewBusinessDays, extensionBusinessDays, timezone, grounds } = publication;
  const review = `Before publication, the provider has ${counted(reviewBusinessDays, 'business day')} to review`;
  const extension =
    extensionBusinessDays === 0
      ? 'the review cannot be extended'
      : `the review may be extended by ${counted(extensionBusinessDays, 'business day')}`;
  return sentencesOf(publication, [
    `${review}; ${extension}. Business days are Monday to Friday in the time zone ${timezone}.`,
    grounds.length === 0
      ? 'The provider may ask for no change.'
      : `The provider may ask for a change only because of ${listed(
          grounds.map((ground) => GROUNDS[ground]),
          'or',
        )}.`,
    'When the provider is silent, publication is cleared.',
  ]);
}

const LOGGING: Readonly<Record<DataTerms['contentLogging'], string>> = {
  none: 'No content is logged.',
  metadata_only: 'Only metadata is logged, and no content.',
  sampled: 'A sample of the content is logged.',
  full: 'All content is logged.',
};

const PERSONAL_DATA: Readonly<Record<DataTerms['personalData'], string>> = {
  prohibited: 'Personal data is forbidden.',
  dpa_required: 'Personal data needs a data processing agreement.',
};

/** What each party keeps, for how long, and what it never does with it. */
export function dataSentences({ data }: Terms): Sentence[] {
  return [
    ...sentencesOf(data, [
      providerRetentionText(data),
      LOGGING[data.contentLogging],
      'Neither party trains on what passes between them.',
      evaluatorRetentionText(data),
      PERSONAL_DATA[data.personalData],
    ]),
    ...data.compensatingControls.flatMap(({ clauseRef, text }) =>
      sentencesOf({ clauseRef, heldBy: data.heldBy }, [`Compensating control: ${text}`]),
    ),
  ];
}

function providerRetentionText({ providerRetention: { promptDays, metadataDays } }: DataTerms): string {
  const prompts = promptDays === 0 ? 'keeps no prompts' : `keeps prompts for ${counted(promptDays, 'day')}`;
  return `The provider ${prompts}, and keeps metadata for ${counted(metadataDays, 'day')}.`;
}

function evaluatorRetentionText({ evaluatorRetention }: DataTerms): string {
  const { days, deletionCertificate, deletionDueDays } = evaluatorRetention;
  const kept = `The evaluator keeps outputs for ${counted(days, 'day')}.`;
  const due = `due ${counted(deletionDueDays, 'day')} later`;
  return deletionCertificate
    ? `${kept} A certificate of their deletion is ${due}.`
    : `${kept} Their deletion is ${due}, without a certificate.`;
}
