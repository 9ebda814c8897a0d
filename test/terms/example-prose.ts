import type { AgreementParty, ProseClause } from '../../src/terms/digest.js';

const clause = (clauseId: string, heading: string, text: string): ProseClause => ({ clauseId, heading, text });

/** The prose that says the same in words. */
export const exampleProse: readonly ProseClause[] = [
  clause('1', 'Parties', 'Northgate Labs ("Provider") and Kestrel AI ("Evaluator") evaluate each other’s models.'),
  clause(
    '2',
    'Term',
    'This agreement holds from 1 January 2026 up to 1 July 2026 UTC, and is renewed only by amendment.',
  ),
  clause('3.1', 'Permitted purposes', 'Evaluator may test propensities, jailbreaks and published safety benchmarks.'),
  clause(
    '3.2',
    'No competing use',
    'Evaluator shall not train, distil or build competing products with what it receives.',
  ),
  clause('3.3', 'Benchmarks', 'Comparing capability is not permitted. The evaluation sets listed may be run.'),
  clause('3.4', 'Keys are personal', 'A key is used by one researcher.'),
  clause('3.5', 'Whistleblowing', 'Whistleblowing is left out of this exercise.'),
  clause('4', 'Scope', 'The snapshots, capabilities and endpoints listed, with some external safeguards relaxed.'),
  clause('5.1', 'Monthly output', 'Fifty million output tokens in each calendar month, UTC.'),
  clause('5.2', 'Pre-deployment requests', 'Twenty thousand requests to Aurora 5 for each campaign.'),
  clause('5.3', 'Jailbreak tokens', 'Two million tokens a day for each researcher, Pacific time.'),
  clause('5.4', 'Watch', 'Provider watches use above 25 million tokens in any day and will raise it.'),
  clause('6.1', 'Networks', 'Access is from the address blocks listed.'),
  clause('6.2', 'Roster', 'At most twelve named researchers of Evaluator.'),
  clause('6.3', 'Clean team', 'They have not worked on model training or products for ninety days.'),
  clause('6.4', 'Keys', 'Keys live at most sixty days and are rotated every thirty.'),
  clause('7', 'Data', 'Neither party trains on what passes between them.'),
  clause(
    '7.2',
    'Compensating controls',
    'As Provider keeps no prompts, Evaluator keeps its transcripts for ninety days.',
  ),
  clause('8.1', 'Usage attestation', 'Monthly, within ten days.'),
  clause('8.2', 'Disclosure', 'Severe findings within three days of discovery.'),
  clause('8.3', 'Final report', 'Within forty-five days of the end.'),
  clause('9', 'Publication', 'Provider has fifteen business days to object on the grounds listed. Silence clears.'),
  clause('10', 'Notices', 'Notices are deemed received after twenty-four hours.'),
  clause('11.1', 'Cure', 'A curable breach is cured within thirty days of notice.'),
  clause('11.2', 'Suspension', 'A stop without notice is decided within fourteen days.'),
  clause('11.3', 'Termination', 'Either party may end this agreement on thirty days’ notice.'),
];

export const exampleClauseIds: readonly string[] = exampleProse.map(({ clauseId }) => clauseId);

export const exampleParties: readonly AgreementParty[] = [
  { role: 'provider', organisationId: 'org_northgate', legalName: 'Northgate Labs, Inc.' },
  { role: 'evaluator', organisationId: 'org_kestrel', legalName: 'Kestrel AI Ltd' },
];
