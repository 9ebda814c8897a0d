import { labRoles, partnerRoles, Role, Row } from './authorization-row.js';

const people: readonly Role[] = [...labRoles, ...partnerRoles];

/** What is read of keys and quotas: why something may or may not be done, and what is left. Part of the matrix. */
export const explanations: Record<string, Row> = {
  'GET /v1/keys': { may: people },
  'GET /v1/keys/:id': { may: people },
  'GET /v1/keys/:id/standing': { may: people },
  'GET /v1/keys/:id/usage': { may: people },
  'GET /v1/prices': { may: people },
  'POST /v1/prices': { may: ['partnerships'] },
  'GET /v1/quota-windows': { may: people },
  'GET /v1/quota-leases': { may: people },
  'POST /v1/quota-leases/:id/release': { may: ['compliance'], body: { reason: 'A reason' } },
  'GET /v1/usage': { may: people, query: ({ agreementId }) => `agreementId=${agreementId}` },
  'POST /v1/agreements/:id/decisions': {
    may: people,
    body: { purpose: 'robustness.jailbreak', model: 'atlas-2-2026-03-01', endpoint: 'messages' },
  },
};
