import type { ExportedVersion } from '../../../src/terms/exporting/exported-version.js';
import type { Terms } from '../../../src/terms/terms.js';
import { exampleTerms } from '../example-terms.js';

/** The first version of an agreement on these terms. */
export function versionOf(terms: Terms, effectiveFrom = new Date(terms.term.effectiveFrom)): ExportedVersion {
  return {
    agreementId: '0198c0de-0000-7000-8000-00000000a6e1',
    number: 1,
    digest: `sha-256:${'5'.repeat(64)}`,
    effectiveFrom,
    parties: [
      { role: 'evaluator', organisationId: '0198c0de-0000-7000-8000-00000000ce57', legalName: 'Kestrel AI Ltd' },
      { role: 'provider', organisationId: 'lab', legalName: 'Northgate Labs, Inc.' },
    ],
    terms,
  };
}

export const exampleVersion: ExportedVersion = versionOf(exampleTerms);
