import { checks, notice } from '../../setup/partners.js';
import { because, moves, request, Requests } from './request.js';
import { freshPublicKey, Things } from './things.js';

const facts = (number: number) => ({
  legalName: `Laboratory ${number} of the naughty`,
  country: 'FR',
  emailDomains: ['naughty.example'],
  competitor: true,
  contacts: [notice],
});
const stop = () => ({ reasonCode: 'security', reason: 'A reason' });
const check = () => ({ kind: 'sanctions', outcome: 'clear', source: 'A list', note: 'A note' });
const contact = (number: number) => ({ kind: 'security', name: 'Desk', email: `desk-${number}@other.example` });
const invitation = (number: number) => ({ email: `person-${number}@rival.example`, roles: ['researcher'] });
const key = () => ({ label: 'A key', publicKey: freshPublicKey() });

/** The routes of partner organisations. */
export function partnerRequests({ people, partners, story }: Things): Requests {
  const { partnerships, approver, compliance, partnerAdmin } = people;
  const at = 'POST /v1/partners';
  const [prospect, underReview, free, own] = [
    `/v1/partners/${partners.prospect}`,
    `/v1/partners/${partners.underReview}`,
    `/v1/partners/${partners.free}`,
    `/v1/partners/${story.organisationId}`,
  ];
  return {
    [at]: request(partnerships, '/v1/partners', facts),
    'PUT /v1/partners/{id}': request(partnerships, prospect, facts),
    [`${at}/{id}/approval`]: request(approver, `${underReview}/approval`, () => checks, moves),
    [`${at}/{id}/decline`]: request(approver, `${underReview}/decline`, because, moves),
    [`${at}/{id}/offboarding`]: request(approver, `${free}/offboarding`, because, moves),
    'PUT /v1/partners/{id}/networks': request(partnerships, `${free}/networks`, () => ({ cidrs: ['192.0.2.0/24'] })),
    [`${at}/{id}/invitations`]: request(partnerships, `${own}/invitations`, invitation),
    [`${at}/{id}/suspensions`]: request(compliance, `${free}/suspensions`, stop),
    [`${at}/{id}/contacts`]: request(partnerships, `${free}/contacts`, contact, moves),
    [`${at}/{id}/checks`]: request(compliance, `${free}/checks`, check),
    [`${at}/{id}/signing-keys`]: request(partnerAdmin, `${own}/signing-keys`, key, { exact: ['/publicKey'] }),
  };
}

/** The routes of their signing keys. */
export function keyRequests({ people, keys: { registered, signer, proved } }: Things): Requests {
  const proof = () => ({ signature: signer.sign(registered.challenge) });
  return {
    'POST /v1/signing-keys/{id}/proof': request(
      people.partnerAdmin,
      `/v1/signing-keys/${registered.id}/proof`,
      proof,
      moves,
    ),
    'POST /v1/signing-keys/{id}/revocation': request(
      people.compliance,
      `/v1/signing-keys/${proved.id}/revocation`,
      because,
      moves,
    ),
  };
}
