import { duties } from './authorization-duties.js';
import { explanations } from './authorization-explanations.js';
import { work } from './authorization-work.js';
import { labRoles, partnerRoles, Role, Row } from './authorization-row.js';

const people: readonly Role[] = [...labRoles, ...partnerRoles];
const signing: readonly Role[] = ['partner_admin', 'partner_signatory'];
const noResearcher: readonly Role[] = [...labRoles, 'partner_admin', 'partner_signatory'];
const stopping: readonly Role[] = ['partnerships', 'approver', 'compliance'];
const lifting: readonly Role[] = [...stopping, 'partner_admin'];

const digest = `sha-256:${'0'.repeat(64)}`;
const reason = { reason: 'A reason' };
const stop = { reasonCode: 'investigation', ...reason };
const check = { outcome: 'clear', source: 'A list' };
const contact = { kind: 'notice', name: 'A', email: 'a@rival.example' };
const text = { terms: {}, prose: [{ clauseId: '1', heading: 'Purpose', text: 'None.' }] };
const signature = { digest, legalName: 'A', title: 'B', intendToSign: true, authorisedToBind: true };
const window = { startsAt: '2026-03-03T00:00:00Z', endsAt: '2026-03-04T00:00:00Z' };
const partner = { legalName: 'A', country: 'DE', emailDomains: ['a.example'], competitor: false, contacts: [] };

const deciding: readonly Role[] = ['approver', 'compliance', 'partner_admin', 'partner_signatory'];
const answering: readonly Role[] = ['partnerships', 'partner_admin', 'partner_signatory'];
const twoRevisions = () => 'from=1&to=1';

/** The routes by which a text is negotiated, approved, signed and read: the same for agreements and amendments. */
function textRoutes(things: 'agreements' | 'amendments'): Record<string, Row> {
  const at = `/v1/${things}/:id`;
  return {
    [`POST ${at}/revisions`]: { may: ['partnerships'], body: text },
    [`GET ${at}/revisions/:number`]: { may: people },
    [`GET ${at}/revisions/:number/canonical`]: { may: people },
    [`POST ${at}/proposal`]: { may: ['partnerships'] },
    [`POST ${at}/counter-proposals`]: { may: answering, body: { ...text, baseDigest: digest } },
    [`POST ${at}/acceptance`]: { may: answering, body: { digest } },
    [`POST ${at}/decline`]: { may: ['partner_admin', 'partner_signatory'], body: reason },
    [`POST ${at}/withdrawal`]: { may: ['partnerships'], body: reason },
    [`POST ${at}/return`]: { may: ['approver', 'compliance'], body: reason },
    [`POST ${at}/approvals`]: { may: ['approver', 'compliance'], body: { digest, stage: 'approver' } },
    [`POST ${at}/signature`]: { may: ['partner_signatory'], body: signature },
    [`POST ${at}/countersignature`]: { may: ['lab_signatory'], body: signature },
    [`POST ${at}/reopening`]: { may: ['partnerships', 'partner_signatory'], body: reason },
    [`GET ${at}/redline`]: { may: people, query: twoRevisions },
    [`GET ${at}/redline/page`]: { may: people, query: twoRevisions },
    [`POST ${at}/comments`]: {
      may: ['partnerships', 'approver', 'lab_signatory', 'compliance', 'partner_admin', 'partner_signatory'],
      body: { revisionNumber: 1, clauseId: '1', body: 'A', audience: 'both_parties' },
    },
    [`GET ${at}/comments`]: { may: people },
    [`GET ${at}/history`]: { may: people },
  };
}

/**
 * Who may call what: reviewed policy, written out by hand. It does not read the program's own table of permissions, so
 * that a change there shows here.
 */
export const matrix: Record<string, Row> = {
  'GET /health/live': { may: 'public' },
  'GET /health/ready': { may: 'public' },
  'GET /metrics': { may: 'public' },
  'GET /docs/errors': { may: 'public' },
  'GET /v1/purposes': { may: 'public' },
  'GET /v1/prohibited-uses': { may: 'public' },
  'GET /v1/terms-schema': { may: 'public' },
  'POST /v1/sessions': { may: 'public' },
  'POST /v1/sessions/refresh': { may: 'public' },
  'POST /v1/invitations/accept': { may: 'public' },

  'GET /v1/me': { may: people },
  'GET /v1/users': { may: ['admin', 'compliance', 'partner_admin'] },
  'PUT /v1/users/:id/roles': { may: ['admin', 'partner_admin'], body: { roles: ['researcher'] } },
  'POST /v1/users/:id/suspension': { may: ['admin', 'partner_admin'] },
  'DELETE /v1/users/:id/suspension': { may: ['admin', 'partner_admin'] },
  'POST /v1/invitations': { may: ['admin'] },
  'GET /v1/invitations': { may: ['admin', 'partnerships', 'partner_admin'] },
  'POST /v1/gateway-credentials': { may: ['admin'] },
  'GET /v1/gateway-credentials': { may: ['admin', 'compliance'] },
  'POST /v1/gateway-credentials/:id/revocation': { may: ['admin', 'compliance'] },
  'GET /v1/audit-entries': { may: ['compliance', 'admin', 'partner_admin', 'partner_signatory'] },

  'GET /v1/revocation-receipts/:seq': { may: people, answers: 404 },
  'GET /v1/suspensions': { may: people },
  'POST /v1/suspensions/:id/lift-proposal': { may: lifting },
  'POST /v1/suspensions/:id/lifting': { may: lifting },

  'POST /v1/partners': { may: ['partnerships'] },
  'GET /v1/partners': { may: people },
  'GET /v1/partners/:id': { may: people },
  'PUT /v1/partners/:id': { may: ['partnerships'], body: partner },
  'POST /v1/partners/:id/submission': { may: ['partnerships'] },
  'POST /v1/partners/:id/return': { may: ['approver'] },
  'POST /v1/partners/:id/approval': { may: ['approver'], body: { sanctions: check, conflict: check } },
  'POST /v1/partners/:id/decline': { may: ['approver'], body: reason },
  'POST /v1/partners/:id/offboarding': { may: ['approver'], body: reason },
  'GET /v1/partners/:id/ties': { may: labRoles },
  'GET /v1/partners/:id/checks': { may: labRoles },
  'POST /v1/partners/:id/checks': { may: stopping, body: { kind: 'sanctions', ...check } },
  'GET /v1/partners/:id/contacts': { may: people },
  'POST /v1/partners/:id/contacts': { may: ['partnerships', 'partner_admin'], body: contact },
  'DELETE /v1/partners/:id/contacts/:contactId': { may: ['partnerships', 'partner_admin'] },
  'PUT /v1/partners/:id/networks': { may: ['partnerships', 'partner_admin'], body: { cidrs: [] } },
  'GET /v1/partners/:id/signing-keys': { may: noResearcher },
  'POST /v1/partners/:id/signing-keys': { may: signing, body: { label: 'A', publicKey: 'A' } },
  'POST /v1/signing-keys/:id/proof': { may: signing, body: { signature: 'A'.repeat(86) } },
  'POST /v1/signing-keys/:id/approvals': { may: stopping },
  'POST /v1/signing-keys/:id/revocation': { may: [...signing, 'compliance'], body: reason },
  'POST /v1/partners/:id/invitations': {
    may: ['partnerships', 'partner_admin'],
    body: { email: 'new@rival.example', roles: ['researcher'] },
  },
  'POST /v1/partners/:id/suspensions': { may: stopping, body: stop },

  'GET /v1/templates': { may: people },
  'GET /v1/templates/:name': { may: people },
  'POST /v1/templates/:name/draft': { may: ['partnerships'] },

  'POST /v1/agreements': { may: ['partnerships'] },
  'GET /v1/agreements': { may: people },
  'GET /v1/agreements/:id': { may: people },
  ...textRoutes('agreements'),
  'GET /v1/agreements/:id/versions': { may: people },
  'GET /v1/agreements/:id/versions/:number': { may: people },
  'GET /v1/agreements/:id/versions/:number/evidence': { may: noResearcher },
  'GET /v1/agreements/:id/versions/:number/odrl': { may: people },
  'GET /v1/agreements/:id/versions/:number/summary': { may: people },
  ...duties,
  'GET /v1/agreements/:id/evidence': { may: noResearcher },
  'POST /v1/agreements/:id/suspensions': { may: stopping, body: { ...stop, scope: 'agreement' } },

  'POST /v1/agreements/:id/amendments': {
    may: ['partnerships'],
    body: { ...text, kind: 'material', effectiveFrom: window.startsAt, rationale: 'A' },
  },
  'GET /v1/amendments': { may: people },
  'GET /v1/amendments/:id': { may: people },
  ...textRoutes('amendments'),
  'POST /v1/amendments/:id/submission': { may: ['partnerships'] },
  'POST /v1/amendments/:id/acknowledgement': { may: ['partner_admin', 'partner_signatory'], body: { digest } },

  'POST /v1/approval-delegations': { may: ['approver', 'compliance'] },
  'GET /v1/approval-delegations': { may: labRoles },
  'POST /v1/approval-delegations/:id/revocation': { may: ['approver', 'compliance'] },

  'POST /v1/agreements/:id/notices': {
    may: ['partnerships', 'approver', 'compliance', 'partner_admin', 'partner_signatory'],
    body: { kind: 'other', clauseRef: '1', body: 'A' },
  },
  'GET /v1/notices': { may: noResearcher },
  'GET /v1/notices/:id': { may: noResearcher },
  'POST /v1/notices/:id/acknowledgement': {
    may: ['partnerships', 'approver', 'compliance', 'partner_admin', 'partner_signatory'],
  },
  'POST /v1/notices/:id/remedy': {
    may: ['partnerships', 'approver', 'partner_admin', 'partner_signatory'],
    body: { remedy: 'A' },
  },
  'POST /v1/notices/:id/remedy-acceptance': { may: deciding, body: { decision: 'A' } },
  'POST /v1/notices/:id/remedy-rejection': { may: deciding, body: { decision: 'A' } },
  'POST /v1/notices/:id/withdrawal': { may: deciding, body: { decision: 'A' } },

  'POST /v1/agreements/:id/terminations': {
    may: ['approver', 'lab_signatory', 'partner_admin', 'partner_signatory'],
    body: { kind: 'mutual', reason: 'A' },
  },
  'GET /v1/terminations': { may: people },
  'GET /v1/terminations/:id': { may: people },
  'POST /v1/terminations/:id/confirmation': { may: ['lab_signatory', 'partner_signatory'] },
  'POST /v1/terminations/:id/withdrawal': {
    may: ['approver', 'lab_signatory', 'partner_admin', 'partner_signatory'],
    body: reason,
  },

  ...work,
  ...explanations,

  'GET /v1/findings': { may: noResearcher },
  // Let in by its signature alone; without the keys of a scanner there is nothing to report to.
  'POST /v1/secret-scanning/github': { may: 'public', body: [], answers: 404 },
  'POST /v1/usage-events': { may: ['gateway'], body: [], answers: 200 },
  'POST /v1/agreements/:id/statements': {
    may: ['compliance', 'partnerships'],
    body: { kind: 'day', date: '2026-03-02' },
  },
  'GET /v1/statements': { may: noResearcher },
  'GET /v1/statements/:id': { may: noResearcher },
  'GET /v1/statements/:id/document': { may: noResearcher },
  'GET /v1/statements/:id/csv': { may: noResearcher },
  'GET /v1/statements/:id/page': { may: noResearcher },
  'GET /v1/statements/:id/events': { may: noResearcher },

  // It ends the session that calls it, so it is called last.
  'DELETE /v1/sessions/current': { may: people, answers: 204 },
};

/** Routes that the OpenAPI reader brings along; they show the documentation and nothing else. */
export const documentation = [
  'GET /docs',
  'GET /docs/',
  'GET /docs/index.html',
  'GET /docs/LICENSE',
  'GET /docs/swagger-ui-init.js',
  'GET /docs/docs/swagger-ui-init.js',
  'GET /docs-yaml',
  'GET /openapi.json',
];
