import { Finding } from '../finding.entity.js';

/** The rule about what was lent to a gateway node that was lost. It judges leases, not usage, whenever one is quarantined. */
export const unaccountedRule = { id: 'usage_unaccounted', version: 1, severity: 'medium' } as const satisfies {
  id: string;
  version: number;
  severity: Finding['severity'];
};
