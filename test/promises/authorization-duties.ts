import { labRoles, partnerRoles, Row, Role } from './authorization-row.js';

const people: readonly Role[] = [...labRoles, ...partnerRoles];
const stopping: readonly Role[] = ['partnerships', 'approver', 'compliance'];
const absent = '00000000-0000-7000-8000-000000000000';
const digest = `sha-256:${'0'.repeat(64)}`;
const reason = { reason: 'A reason' };

/** What a partner owes under the terms, and what it wants to publish: part of the matrix. */
export const duties: Record<string, Row> = {
  'GET /v1/obligations': { may: people },
  'GET /v1/obligations/:id': { may: people },
  'PUT /v1/obligations/:id/owner': { may: ['partner_admin'], body: { ownerId: absent } },
  'POST /v1/obligations/:id/submissions': { may: partnerRoles, body: { statement: 'A' } },
  'POST /v1/obligations/:id/acceptance': { may: ['partnerships', 'compliance'] },
  'POST /v1/obligations/:id/return': { may: ['partnerships', 'compliance'], body: reason },
  'POST /v1/obligations/:id/waiver': { may: ['partnerships', 'compliance'], body: reason },
  'POST /v1/obligations/:id/waiver-confirmation': { may: ['approver'] },
  'POST /v1/agreements/:id/disclosures': { may: partnerRoles, body: { discoveredAt: '2026-03-02T00:00:00Z' } },
  'POST /v1/agreements/:id/publication-reviews': { may: partnerRoles, body: { title: 'A', manuscriptDigest: digest } },
  'GET /v1/publication-reviews': { may: people },
  'GET /v1/publication-reviews/:id': { may: people },
  'POST /v1/publication-reviews/:id/extension': { may: stopping, body: reason },
  'POST /v1/publication-reviews/:id/objections': {
    may: stopping,
    body: { ground: 'factual_error', passage: 'A', detail: 'B' },
  },
  'POST /v1/publication-reviews/:id/clearance': { may: stopping },
  'POST /v1/publication-reviews/:id/withdrawal': { may: partnerRoles, body: reason },
};
