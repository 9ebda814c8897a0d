/**
 * Who may call what: reviewed policy, written out by hand. It does not read the program's own table of permissions, so
 * that a change there shows here.
 */
export const labRoles = ['partnerships', 'approver', 'lab_signatory', 'compliance', 'admin'] as const;
export const partnerRoles = ['partner_admin', 'partner_signatory', 'researcher'] as const;

/** A person by their one role, or an inference gateway. */
export type Role = (typeof labRoles)[number] | (typeof partnerRoles)[number] | 'gateway';

/** What is known when a call is made. */
interface Known {
  agreementId: string;
}

/** One route: who may, and how to call it so that it answers `answers` to whoever may. */
export interface Row {
  may: readonly Role[] | 'public';
  body?: object;
  query?: (known: Known) => string;
  /**
   * Left out: a GET answers 200; what names an id is called with one that does not exist and answers 404; anything
   * else is called with an empty body and answers 422. So the table can be tried without changing anything.
   */
  answers?: number;
}

const people: readonly Role[] = [...labRoles, ...partnerRoles];
const signing: readonly Role[] = ['partner_admin', 'partner_signatory'];
const noResearcher: readonly Role[] = [...labRoles, 'partner_admin', 'partner_signatory'];
const stopping: readonly Role[] = ['partnerships', 'approver', 'compliance'];
const lifting: readonly Role[] = [...stopping, 'partner_admin'];

const absent = '00000000-0000-7000-8000-000000000000';
const digest = `sha-256:${'0'.repeat(64)}`;
const reason = { reason: 'A reason' };
const stop = { reasonCode: 'investigation', ...reason };
const check = { outcome: 'clear', source: 'A list' };
const contact = { kind: 'notice', name: 'A', email: 'a@rival.example' };
const text = { terms: {}, prose: [{ clauseId: '1', heading: 'Purpose', text: 'None.' }] };
const signature = { digest, legalName: 'A', title: 'B', intendToSign: true, authorisedToBind: true };
const window = { startsAt: '2026-03-03T00:00:00Z', endsAt: '2026-03-04T00:00:00Z' };
const partner = { legalName: 'A', country: 'DE', emailDomains: ['a.example'], competitor: false, contacts: [] };
const scope = { models: ['m'], capabilities: ['c'], endpoints: ['e'], networks: null, expiresAt: window.endsAt };

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
  'POST /v1/agreements/:id/revisions': { may: ['partnerships'], body: text },
  'GET /v1/agreements/:id/revisions/:number': { may: people },
  'POST /v1/agreements/:id/proposal': { may: ['partnerships'] },
  'POST /v1/agreements/:id/acceptance': { may: ['partner_admin', 'partner_signatory'], body: { digest } },
  'POST /v1/agreements/:id/decline': { may: ['partner_admin', 'partner_signatory'], body: reason },
  'POST /v1/agreements/:id/withdrawal': { may: ['partnerships'], body: reason },
  'POST /v1/agreements/:id/return': { may: ['approver', 'compliance'], body: reason },
  'POST /v1/agreements/:id/approvals': { may: ['approver', 'compliance'], body: { digest, stage: 'approver' } },
  'POST /v1/agreements/:id/signature': { may: ['partner_signatory'], body: signature },
  'POST /v1/agreements/:id/countersignature': { may: ['lab_signatory'], body: signature },
  'GET /v1/agreements/:id/evidence': { may: noResearcher },
  'POST /v1/agreements/:id/suspensions': { may: stopping, body: { ...stop, scope: 'agreement' } },

  'POST /v1/agreements/:id/campaigns': {
    may: ['partner_admin'],
    body: {
      title: 'A',
      purpose: 'p',
      models: ['m'],
      evaluationSets: [],
      ...window,
      expectedRequests: 1,
      leadId: absent,
    },
  },
  'GET /v1/campaigns': { may: people },
  'GET /v1/campaigns/:id': { may: people },
  'POST /v1/campaigns/:id/approval': { may: ['partnerships', 'approver'] },
  'POST /v1/campaigns/:id/rejection': { may: ['partnerships', 'approver'] },
  'POST /v1/campaigns/:id/activation': { may: ['partner_admin', 'partnerships'] },
  'POST /v1/campaigns/:id/completion': { may: ['partner_admin', 'partnerships'] },
  'POST /v1/campaigns/:id/cancellation': { may: ['partner_admin', 'partnerships'] },
  'POST /v1/agreements/:id/roster': { may: ['partner_admin'], body: { userId: absent } },
  'GET /v1/roster': { may: people },
  'POST /v1/roster/:id/removal': { may: ['partner_admin', 'partnerships', 'compliance'] },

  'POST /v1/campaigns/:id/key-requests': { may: ['researcher'], body: { ...scope, justification: 'A' } },
  'GET /v1/key-requests': { may: people },
  'GET /v1/key-requests/:id': { may: people },
  'POST /v1/key-requests/:id/approval': { may: ['partner_admin', 'partnerships', 'approver'] },
  'POST /v1/key-requests/:id/rejection': { may: ['partner_admin', 'partnerships', 'approver'] },
  'POST /v1/key-requests/:id/withdrawal': { may: ['researcher'] },
  'POST /v1/key-requests/:id/claim': { may: ['researcher'] },
  'GET /v1/keys': { may: people },
  'GET /v1/keys/:id': { may: people },
  'POST /v1/keys/:id/revocation': { may: ['researcher', 'partner_admin', 'partnerships', 'compliance'], body: reason },
  'POST /v1/keys/:id/suspensions': { may: ['partner_admin', 'partnerships', 'compliance'], body: stop },

  'GET /v1/quota-windows': { may: people },
  'GET /v1/findings': { may: noResearcher },
  'POST /v1/usage-events': { may: ['gateway'], body: [], answers: 200 },
  'GET /v1/usage': { may: people, query: ({ agreementId }) => `agreementId=${agreementId}` },
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
