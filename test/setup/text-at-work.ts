import { prose, termsOf } from '../../src/demo/agreement.js';
import { Person } from '../../src/demo/person.js';
import { day } from '../../src/kernel/clock.js';
import { Terms } from '../../src/terms/terms.js';
import { done, get, post, Refused } from './desk.js';
import { Answer, Given } from './given.js';

/** The terms and words of a draft. */
export interface Draft {
  terms: Terms;
  prose: { clauseId: string; heading: string; text: string }[];
}

/** A text as the API tells of it, as far as tests look. */
export interface TextView {
  id: string;
  state: string;
  status: string;
  turn: string | null;
  headNumber: number;
  headDigest: string;
  signBy: string | null;
  effectiveFrom: string;
  expiresAt: string;
  endedAt: string | null;
  versionNumber: number | null;
  baseNumber: number;
  suspensions: { id: string; liftedAt: string | null }[];
  allowedActions: string[];
  version: number;
}

/** A draft that holds for so many days from now on; a test changes of its terms what it is about. */
export function draftFor({ stage }: Given, days: number, change = (terms: Terms): Terms => terms): Draft {
  const from = stage.clock.now();
  return { terms: change(termsOf(from, new Date(from.getTime() + days * day), 10)), prose };
}

/** The same terms with another daily limit on the code model. */
export function limitedTo(codeRequests: number): (terms: Terms) => Terms {
  return (terms) => ({
    ...terms,
    quotas: terms.quotas.map((quota) =>
      quota.id === 'code-requests-daily' ? { ...quota, limit: codeRequests } : quota,
    ),
  });
}

/** The same terms for another time, with every model in scope for as long. */
export function holding({ from, until }: { from?: Date; until?: Date }): (terms: Terms) => Terms {
  return (terms) => {
    const effectiveFrom = from?.toISOString() ?? terms.term.effectiveFrom;
    const expiresAt = until?.toISOString() ?? terms.term.expiresAt;
    const models = terms.scope.models.map((model) => ({ ...model, from: effectiveFrom, until: expiresAt }));
    return { ...terms, term: { ...terms.term, effectiveFrom, expiresAt }, scope: { ...terms.scope, models } };
  };
}

/** A draft with other terms. */
export function withTerms(draft: Draft, change: (terms: Terms) => Terms): Draft {
  return { ...draft, terms: change(draft.terms) };
}

/** A draft with other words in one clause. */
export function reworded(draft: Draft, clauseId: string, text: string): Draft {
  return {
    ...draft,
    prose: draft.prose.map((clause) => (clause.clauseId === clauseId ? { ...clause, text } : clause)),
  };
}

/** What an amendment is beside its text. */
export interface Change {
  kind: 'material' | 'administrative' | 'protective';
  effectiveFrom: Date;
}

/** A text that two parties work on, an agreement's first or an amendment, and the digest that is at hand. */
export class TextAtWork {
  private constructor(
    private readonly story: Given,
    readonly path: string,
    readonly id: string,
    public digest: string,
  ) {}

  /** Drafts another agreement of the story's partner. */
  static async agreement(story: Given, draft: Draft, more: object = {}, by = story.cast.partnerships) {
    const body = { organisationId: story.organisationId, title: 'An exercise', ...draft, ...more };
    const made = done(await post<TextView>(story.stage, by, '/v1/agreements', body));
    return new TextAtWork(story, `/v1/agreements/${made.id}`, made.id, made.headDigest);
  }

  /** An agreement that is there already. */
  static async found(story: Given, id: string) {
    const { headDigest } = done(await get<TextView>(story.stage, story.cast.compliance, `/v1/agreements/${id}`));
    return new TextAtWork(story, `/v1/agreements/${id}`, id, headDigest);
  }

  /** Drafts an amendment. */
  static async amendment(story: Given, agreementId: string, draft: Draft, change: Change) {
    const made = done(await TextAtWork.amend(story, agreementId, draft, change));
    return new TextAtWork(story, `/v1/amendments/${made.id}`, made.id, made.headDigest);
  }

  /** Tries to draft an amendment. */
  static amend({ stage, cast }: Given, agreementId: string, draft: Draft, change: Change) {
    const more = {
      kind: change.kind,
      effectiveFrom: change.effectiveFrom.toISOString(),
      rationale: 'A test asks for it.',
    };
    return post<TextView>(stage, cast.partnerships, `/v1/agreements/${agreementId}/amendments`, { ...draft, ...more });
  }

  /** Gives a command. Where it is taken, the digest at hand is the one that it left. */
  async give(by: Person, noun: string, body: object = {}): Promise<Answer<TextView & Refused>> {
    const answer = await post<TextView>(this.story.stage, by, `${this.path}/${noun}`, body);
    if (answer.status === 201 && answer.body.headDigest) this.digest = answer.body.headDigest;
    return answer;
  }

  /** Reads the text, or something of it. */
  read<Body = TextView>(by: Person = this.story.cast.compliance, rest = ''): Promise<Answer<Body & Refused>> {
    return get<Body>(this.story.stage, by, `${this.path}${rest}`);
  }

  async state(): Promise<string> {
    return (await this.read()).body.state;
  }

  counter(by: Person, draft: Draft, baseDigest = this.digest) {
    return this.give(by, 'counter-proposals', { ...draft, baseDigest });
  }

  accept(by: Person, digest = this.digest) {
    return this.give(by, 'acceptance', { digest });
  }

  approve(by: Person = this.story.cast.approver, stage = 'approver', digest = this.digest) {
    return this.give(by, 'approvals', { digest, stage });
  }

  sign(more: object = {}, by: Person = this.story.cast.partnerSignatory) {
    return this.give(by, 'signature', { ...this.affirmed(by), ...more });
  }

  countersign(more: object = {}, by: Person = this.story.cast.labSignatory) {
    return this.give(by, 'countersignature', { ...this.affirmed(by), ...more });
  }

  /** Takes a draft to where the partner has accepted it. */
  async accepted(): Promise<this> {
    done(await this.give(this.story.cast.partnerships, 'proposal'));
    done(await this.accept(this.story.cast.partnerAdmin));
    return this;
  }

  /** Takes a draft to where it is out for signature. */
  async released(): Promise<this> {
    await this.accepted();
    done(await this.approve());
    return this;
  }

  /** Takes a draft all the way. */
  async executed(): Promise<this> {
    await this.released();
    return this.signedByBoth();
  }

  async signedByBoth(): Promise<this> {
    done(await this.sign());
    done(await this.countersign());
    return this;
  }

  /** The sealed bundle, byte for byte; of an amendment that of the version that it made. */
  async evidence(): Promise<Buffer> {
    const { agreementId, baseNumber } = done(await this.read<TextView & { agreementId?: string }>());
    const path = agreementId ? `/v1/agreements/${agreementId}/versions/${baseNumber + 1}` : `${this.path}/versions/1`;
    return Buffer.from(await this.story.cast.compliance.download(`${path}/evidence`));
  }

  private affirmed({ name }: Person): object {
    const statements = { intendToSign: true, authorisedToBind: true };
    return { digest: this.digest, legalName: name, title: 'Signatory', ...statements };
  }
}
