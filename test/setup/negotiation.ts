import { prose, termsOf } from '../../src/demo/agreement.js';
import { minute } from '../../src/kernel/clock.js';
import { Caller, Callers } from './caller.js';
import { Answer, Given } from './given.js';

/** What a command on a text answers, or a refusal, as far as tests look. */
export interface TextAnswer {
  id: string;
  state: string;
  headNumber: number;
  headDigest: string;
  code?: string;
}

/** An agreement or amendment on its way: where it is, and the digest of the text at hand. */
export interface UnderWay {
  readonly id: string;
  readonly at: string;
  digest: string;
}

/** Terms of the story with another daily limit on the code model, which is what tests change of a text. */
export interface Wording {
  limit: number;
  /** Without safeguards a text is of the high tier: it takes three approvals. */
  safeguardProfile?: 'production' | 'helpful_only';
}

/** Takes agreements and amendments of a story along their way, each step over HTTP; fails where a step is refused. */
export class Negotiation {
  private amendments = 0;

  constructor(
    private readonly people: Callers,
    private readonly story: Given,
  ) {}

  /** A text as the routes take it. */
  text({ limit, safeguardProfile = 'production' }: Wording) {
    const terms = termsOf(this.story.from, this.story.until, limit);
    return { terms: { ...terms, scope: { ...terms.scope, safeguardProfile } }, prose };
  }

  /** A draft of an agreement. */
  async agreement(wording: Wording): Promise<UnderWay> {
    const body = { organisationId: this.story.organisationId, title: 'A race', ...this.text(wording) };
    const { id, headDigest } = made(await this.people.partnerships.post<TextAnswer>('/v1/agreements', body));
    return { id, at: `/v1/agreements/${id}`, digest: headDigest };
  }

  /** A draft of a material amendment, to hold a minute later than the one that was drafted before it. */
  async amendment(agreementId: string, wording: Wording): Promise<UnderWay> {
    this.amendments += 1;
    const effectiveFrom = new Date(this.story.from.getTime() + (10 + this.amendments) * minute).toISOString();
    const body = { ...this.text(wording), kind: 'material', effectiveFrom, rationale: 'Another limit.' };
    const path = `/v1/agreements/${agreementId}/amendments`;
    const { id, headDigest } = made(await this.people.partnerships.post<TextAnswer>(path, body));
    return { id, at: `/v1/amendments/${id}`, digest: headDigest };
  }

  /** Proposes a draft, which the partner accepts. */
  async accept(text: UnderWay): Promise<void> {
    made(await this.people.partnerships.post(`${text.at}/proposal`));
    made(await this.people.partnerAdmin.post(`${text.at}/acceptance`, { digest: text.digest }));
  }

  /** Answers a text that is the lab's to answer with another, which the partner accepts. */
  async acceptAnew(text: UnderWay, wording: Wording): Promise<void> {
    const body = { ...this.text(wording), baseDigest: text.digest };
    const answer = await this.people.partnerships.post<TextAnswer>(`${text.at}/counter-proposals`, body);
    text.digest = made(answer).headDigest;
    made(await this.people.partnerAdmin.post(`${text.at}/acceptance`, { digest: text.digest }));
  }

  /** Gives the one approval that a text of the usual tier takes. */
  async approve(text: UnderWay): Promise<void> {
    made(await this.people.approver.post(`${text.at}/approvals`, { digest: text.digest, stage: 'approver' }));
  }

  sign({ at, digest }: UnderWay): Promise<Answer<TextAnswer>> {
    return this.people.partnerSignatory.post(`${at}/signature`, signature(digest, 'Sam Signatory'));
  }

  countersign({ at, digest }: UnderWay): Promise<Answer<TextAnswer>> {
    return this.people.labSignatory.post(`${at}/countersignature`, signature(digest, 'Grace Signatory'));
  }

  reopen({ at }: UnderWay, by: Caller): Promise<Answer<TextAnswer>> {
    return by.post(`${at}/reopening`, { reason: 'Clause 5 is to change.' });
  }

  /** Takes a draft to where only the lab's signature is missing. */
  async takeToCountersignature(text: UnderWay): Promise<void> {
    await this.accept(text);
    await this.approve(text);
    made(await this.sign(text));
  }

  /** An executed agreement. */
  async executed(wording: Wording): Promise<UnderWay> {
    const text = await this.agreement(wording);
    await this.takeToCountersignature(text);
    made(await this.countersign(text));
    return text;
  }
}

/** What a step made; fails where it was refused. */
export function made<Body>({ status, body }: Answer<Body>): Body {
  if (status !== 201) throw new Error(`A step was refused with ${status}: ${JSON.stringify(body)}`);
  return body;
}

function signature(digest: string, legalName: string) {
  return { digest, legalName, title: 'Signatory', intendToSign: true, authorisedToBind: true };
}
