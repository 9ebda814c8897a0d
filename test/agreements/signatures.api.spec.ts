import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { minute } from '../../src/kernel/clock.js';
import { digestOf } from '../../src/kernel/digests.js';
import { countStatuses } from '../setup/caller.js';
import { done, post, recruitPartner } from '../setup/desk.js';
import { ask, given, Given } from '../setup/given.js';
import { activeSigner, ActiveSigner, byKey, jwsBy, jwsUnder } from '../setup/signing-by-key.js';
import { newSigner, proveSigningKey, registerSigningKey } from '../setup/signing-keys.js';
import { openStage, Stage } from '../setup/stage.js';
import { draftFor, limitedTo, TextAtWork } from '../setup/text-at-work.js';

let stage: Stage;
let story: Given;
let rival: Given;
let signer: ActiveSigner;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
  rival = await given.anotherRival(story);
  signer = await activeSigner(story.cast, story.organisationId);
});

afterAll(() => stage.stop());

const draft = (codeRequests = 10) => draftFor(story, 200, limitedTo(codeRequests));
const released = async () => (await TextAtWork.agreement(story, draft())).released();

/** The exact bytes to sign, as the API hands them out. */
const documentOf = (text: TextAtWork, revision = 1) =>
  story.cast.partnerSignatory.download(`${text.path}/revisions/${revision}/canonical`);

const kept = (text: TextAtWork) => stage.sql('SELECT * FROM agreement_signature WHERE text_id = $1', [text.id]);

/** A signature that must be refused at a pointer, and of which nothing may be kept. */
async function expectRefused(text: TextAtWork, body: object, pointer: string, why = '') {
  expect(await text.sign(body), why).toMatchObject({ status: 422, body: { code: 'invalid_request', pointer } });
  expect(await kept(text)).toEqual([]);
}

describe('a signature by a registered key', () => {
  it('is taken over the very bytes that the digest is of, and executes the text with the lab’s', async () => {
    const text = await released();
    const document = await documentOf(text);
    expect(digestOf(document)).toBe(text.digest);
    done(await text.sign(byKey(signer, signer.keyId, document)));
    expect(await kept(text)).toMatchObject([
      {
        party: 'evaluator',
        method: 'ed25519_jws',
        jws: jwsBy(signer, signer.keyId, document),
        signing_key_id: signer.id,
      },
    ]);
    expect((await text.countersign()).body.state).toBe('executed');
  });

  it('is taken from a key once it was proved and two people approved it, not before', async () => {
    const { cast, organisationId } = story;
    const text = await released();
    const document = await documentOf(text);
    const fresh = newSigner();
    const registered = await registerSigningKey(cast.partnerAdmin, organisationId, fresh);
    await expectRefused(text, byKey(fresh, registered.keyId, document), '/jws', 'registered');
    const other = newSigner();
    const { id, keyId } = await proveSigningKey(cast.partnerAdmin, organisationId, other);
    await expectRefused(text, byKey(other, keyId, document), '/jws', 'proved');
    await cast.partnerships.post(`/v1/signing-keys/${id}/approvals`);
    await expectRefused(text, byKey(other, keyId, document), '/jws', 'approved once');
    await cast.approver.post(`/v1/signing-keys/${id}/approvals`);
    expect((await text.sign(byKey(other, keyId, document))).status).toBe(201);
  });

  it('is not taken from a key that nobody registered, nor in the name of one that did not make it', async () => {
    const text = await released();
    const document = await documentOf(text);
    const stranger = newSigner();
    await expectRefused(text, byKey(stranger, '0123456789abcdef', document), '/jws', 'unknown');
    await expectRefused(text, byKey(stranger, signer.keyId, document), '/jws', 'another key');
  });

  it('is not taken from the key of another organisation, however active', async () => {
    const theirs = await activeSigner(rival.cast, rival.organisationId);
    const text = await released();
    await expectRefused(text, byKey(theirs, theirs.keyId, await documentOf(text)), '/jws');
  });

  it('is not taken from a revoked key; what that key signed before stays signed and is executed', async () => {
    const mine = await activeSigner(story.cast, story.organisationId);
    const [before, after] = [await released(), await released()];
    done(await before.sign(byKey(mine, mine.keyId, await documentOf(before))));
    await story.cast.compliance.post(`/v1/signing-keys/${mine.id}/revocation`, { reason: 'A laptop was lost.' });
    await expectRefused(after, byKey(mine, mine.keyId, await documentOf(after)), '/jws');
    expect((await before.countersign()).body.state).toBe('executed');
  });

  it('is over this text: one over an earlier revision, another agreement or the digest alone is refused', async () => {
    const { partnerships, partnerAdmin } = story.cast;
    const text = await TextAtWork.agreement(story, draft());
    done(await text.give(partnerships, 'proposal'));
    done(await text.counter(partnerAdmin, draft(12)));
    done(await text.accept(partnerships));
    done(await text.approve());
    const other = await released();
    const over = (document: string) => byKey(signer, signer.keyId, document);
    await expectRefused(text, over(await documentOf(text, 1)), '/jws', 'an earlier revision');
    await expectRefused(text, over(await documentOf(other)), '/jws', 'another agreement');
    await expectRefused(text, over(text.digest), '/jws', 'the digest');
    await expectRefused(text, over(`${await documentOf(text, 2)}\n`), '/jws', 'a line feed more');
    const late = { ...over(await documentOf(text, 1)), digest: digestOf(await documentOf(text, 1)) };
    expect(await text.sign(late)).toMatchObject({ status: 409, body: { code: 'digest_mismatch', pointer: '/digest' } });
    expect((await text.sign(over(await documentOf(text, 2)))).status).toBe(201);
  });

  it('is refused when anything of it was changed, or is spelled in another way', async () => {
    const text = await released();
    const document = await documentOf(text);
    const jws = jwsBy(signer, signer.keyId, document);
    const [header, , signature] = jws.split('.') as [string, string, string];
    const members = { alg: 'EdDSA', b64: false, crit: ['b64'], kid: signer.keyId };
    const flip = (at: number) => `${jws.slice(0, at)}${jws[at] === 'A' ? 'B' : 'A'}${jws.slice(at + 1)}`;
    const tampered: Record<string, string> = {
      'a character of the header': flip(10),
      'the first character of the signature': flip(header.length + 2),
      'the last but one character': flip(jws.length - 2),
      'one full stop': `${header}.${signature}`,
      padding: `${jws}==`,
      'a space': `${jws} `,
      'the payload in it': `${header}.${Buffer.from(document).toString('base64url')}.${signature}`,
      'a signature too short': jws.slice(0, -4),
      'no signature': `${header}..`,
      'an encoded payload': jwsUnder(signer, { ...members, b64: true }, document),
      'nothing critical': jwsUnder(signer, { alg: 'EdDSA', b64: false, kid: signer.keyId }, document),
      'no algorithm': jwsUnder(signer, { ...members, alg: 'none' }, document),
      'a key of its own': jwsUnder(signer, { ...members, jwk: { x: signer.publicKey } }, document),
      'a member twice': jwsUnder(signer, JSON.stringify(members).replace('{', '{"alg":"none",'), document),
    };
    for (const [what, changed] of Object.entries(tampered)) {
      await expectRefused(text, { method: 'ed25519_jws', jws: changed }, '/jws', what);
    }
    expect((await text.sign({ method: 'ed25519_jws', jws })).status).toBe(201);
  });

  it('comes with its method, and a typed name comes without one', async () => {
    const text = await released();
    const { jws } = byKey(signer, signer.keyId, await documentOf(text));
    await expectRefused(text, { jws }, '/jws', 'no method');
    await expectRefused(text, { method: 'typed_name', jws }, '/jws', 'typed name');
    await expectRefused(text, { method: 'ed25519_jws' }, '/jws', 'no JWS');
    await expectRefused(text, { method: 'acknowledgement' }, '/method', 'no signature at all');
    await expectRefused(text, { method: 'ed25519_jws', jws, intendToSign: false }, '/intendToSign', 'no intent');
    await expectRefused(text, { method: 'ed25519_jws', jws, legalName: 'Sam' }, '/legalName', 'another name');
  });

  it('is not the lab’s way to sign', async () => {
    const text = await released();
    const body = byKey(signer, signer.keyId, await documentOf(text));
    done(await text.sign());
    const answer = await text.countersign(body);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_request', pointer: '/method' } });
    expect(await kept(text)).toHaveLength(1);
  });

  it('takes a log-in at most five minutes old, like any other', async () => {
    const text = await released();
    const { partnerSignatory } = story.cast;
    const body = byKey(signer, signer.keyId, await documentOf(text));
    const token = await partnerSignatory.freshToken();
    stage.clock.advance(5 * minute + 1);
    const affirmed = { intendToSign: true, authorisedToBind: true, title: 'Counsel', legalName: partnerSignatory.name };
    const url = `${stage.apiUrl}${text.path}/signature`;
    const answer = await ask(url, { token, body: { ...body, ...affirmed, digest: text.digest } });
    expect(answer).toMatchObject({ status: 401, body: { code: 'reauthentication_required' } });
    expect(await kept(text)).toEqual([]);
  });

  it('and a typed name make one signature, when both are sent at once', async () => {
    const text = await released();
    const body = byKey(signer, signer.keyId, await documentOf(text));
    const answers = await Promise.all([text.sign(body), text.sign(), text.sign(body)]);
    expect(countStatuses(answers)).toEqual({ 201: 1, 409: 2 });
    expect(await kept(text)).toHaveLength(1);
  });
});

describe('whoever signs for the partner', () => {
  const refused = { status: 403, body: { code: 'no_authority_to_sign' } };
  const contact = (email: string, kind = 'signatory', organisationId = story.organisationId) =>
    post<{ id: string }>(stage, story.cast.partnerships, `/v1/partners/${organisationId}/contacts`, {
      kind,
      email,
      name: 'A contact',
    });

  it('is a signatory contact on file by the address of their account, whichever way they sign', async () => {
    const nina = await recruitPartner(story, 'Nina Newcomer', ['partner_signatory']);
    const text = await released();
    const document = await documentOf(text);
    const attempts = () => Promise.all([text.sign({}, nina), text.sign(byKey(signer, signer.keyId, document), nina)]);
    for (const answer of await attempts()) expect(answer).toMatchObject(refused);
    done(await contact(nina.email, 'notice'));
    for (const answer of await attempts()) expect(answer).toMatchObject(refused);
    done(await contact(nina.email));
    expect((await text.sign(byKey(signer, signer.keyId, document), nina)).status).toBe(201);
  });

  it('is one no more once they were taken from the file; what they signed before stands', async () => {
    const nora = await recruitPartner(story, 'Nora Leaver', ['partner_signatory']);
    const { id } = done(await contact(nora.email));
    const [before, after] = [await released(), await released()];
    done(await before.sign({}, nora));
    const url = `${stage.apiUrl}/v1/partners/${story.organisationId}/contacts/${id}`;
    await ask(url, { method: 'DELETE', token: await story.cast.partnerships.freshToken() });
    expect(await after.sign({}, nora)).toMatchObject(refused);
    expect((await before.countersign()).body.state).toBe('executed');
  });

  it('is on the file of their own organisation, not of another', async () => {
    const nell = await recruitPartner(story, 'Nell Elsewhere', ['partner_signatory']);
    done(await contact(nell.email, 'signatory', rival.organisationId));
    expect(await (await released()).sign({}, nell)).toMatchObject(refused);
  });
});
