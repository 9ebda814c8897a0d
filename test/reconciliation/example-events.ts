import { addresses, models, termsOf } from '../../src/demo/agreement.js';
import { StatementEvent, StatementFacts } from '../../src/reconciliation/statement.js';

export const periodStart = '2026-03-02T00:00:00.000Z';

/** The facts of a clean day: one version, two keys, the second revoked at noon. */
export const exampleFacts: StatementFacts = {
  versions: [
    {
      number: 1,
      digest: 'sha-256:of-the-terms',
      executedAt: '2026-03-01T00:00:00.000Z',
      terms: termsOf(new Date('2026-03-01T00:00:00Z'), new Date('2026-03-20T00:00:00Z'), 10),
    },
  ],
  keys: [
    { key: 'KeyA', campaign: 'campaign', purpose: 'robustness.jailbreak', revokedAt: null },
    { key: 'KeyB', campaign: 'campaign', purpose: 'robustness.jailbreak', revokedAt: '2026-03-02T12:00:00.000Z' },
  ],
  windows: [],
  conflicts: [],
  decisions: {},
  unreported: [],
};

/** An event in order; a test changes what it is about. */
export function statementEvent(id: string, changes: Partial<StatementEvent> = {}): StatementEvent {
  return {
    source: 'gateway://test',
    id,
    time: '2026-03-02T09:00:00.000Z',
    key: 'KeyA',
    campaign: 'campaign',
    purpose: 'robustness.jailbreak',
    version: 1,
    model: models.code,
    served_model: models.code,
    endpoint: 'messages',
    input_tokens: 100,
    output_tokens: 50,
    status: 200,
    client_ip: addresses.office,
    authorization: 'settled',
    ...changes,
  };
}
