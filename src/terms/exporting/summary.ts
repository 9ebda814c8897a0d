import type { ExportedVersion } from './exported-version.js';
import { agreementSentences } from './summary/agreement.js';
import { dataSentences, publicationSentences, reportSentences } from './summary/duties.js';
import { breachSentences, endingSentences } from './summary/ending.js';
import { evaluationSetSentences, forbiddenSentences } from './summary/forbidden.js';
import { limitSentences } from './summary/limits.js';
import { modelSentences } from './summary/models.js';
import { peopleSentences } from './summary/people.js';
import { purposeSentences } from './summary/purposes.js';
import type { Sentence } from './summary/sentence.js';

/** What a version says, in plain English, section by section. */
export interface Summary {
  readonly sections: readonly SummarySection[];
}

/** Sentences on one subject; never empty. */
export interface SummarySection {
  readonly heading: string;
  readonly sentences: readonly Sentence[];
}

/**
 * An executed version in plain English, for people who are not lawyers. It says what the terms say and adds nothing:
 * every block has its sentences, and every sentence names its clause and how it is held. Instants are in UTC; an
 * interval runs up to its end and does not contain it. Only the terms and the prose are signed; a summary is not.
 *
 * Throws RangeError when the version lacks a party.
 */
export function summaryOf(version: ExportedVersion): Summary {
  const { terms } = version;
  const sections = [
    { heading: 'The agreement', sentences: agreementSentences(version) },
    { heading: 'Models', sentences: modelSentences(terms) },
    { heading: 'Purposes', sentences: purposeSentences(terms) },
    { heading: 'Limits', sentences: limitSentences(terms) },
    { heading: 'Networks, people and keys', sentences: peopleSentences(terms) },
    { heading: 'What is forbidden', sentences: forbiddenSentences(terms) },
    { heading: 'Evaluation sets', sentences: evaluationSetSentences(terms) },
    { heading: 'Reports', sentences: reportSentences(terms) },
    { heading: 'Publication', sentences: publicationSentences(terms) },
    { heading: 'Data', sentences: dataSentences(terms) },
    { heading: 'Notices and breaches', sentences: breachSentences(terms) },
    { heading: 'Suspension and ending', sentences: endingSentences(terms) },
  ];
  return { sections: sections.filter(({ sentences }) => sentences.length > 0) };
}

const LEGEND =
  'After each line stands the clause that says so, and how it is held: enforced by Parley, metered by ' +
  'reconciliation, or attested by the partner.';

/**
 * A summary as Markdown. Texts that the parties wrote are escaped, so that none of them is read as Markdown or HTML.
 */
export function summaryText({ sections }: Summary): string {
  const blocks = sections.map(({ heading, sentences }) => [`## ${heading}`, '', ...sentences.map(line), ''].join('\n'));
  return [`${LEGEND}\n`, ...blocks].join('\n');
}

function line({ text, clauseRef, heldBy }: Sentence): string {
  return `- ${escaped(text)} (clause ${clauseRef}, ${heldBy})`;
}

function escaped(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_[\]<>&#|~]/g, String.raw`\$&`);
}
