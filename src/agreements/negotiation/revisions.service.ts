import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { Actor } from '../../kernel/actor.js';
import { Config } from '../../kernel/configuration.js';
import { Digest } from '../../kernel/digests.js';
import { Fault, Refusal } from '../../kernel/refusal.js';
import { agreementDocument, AgreementParty, ProseClause } from '../../terms/digest.js';
import { checkTerms } from '../../terms/drafting/check-terms.js';
import { Terms } from '../../terms/terms.js';
import { invalid } from '../../http/validation.js';
import { Change } from '../../audit/change.js';
import { PartnerOrganisation } from '../../partners/partner-organisation.entity.js';
import { AgreementRevision } from './agreement-revision.entity.js';
import { NegotiatedText, NegotiatingSide } from './negotiated-text.js';
import { WriteRevision } from './negotiation.dto.js';

/** A text whose terms hold together. */
export interface CheckedText {
  terms: Terms;
  prose: ProseClause[];
}

/** The proposed texts of agreements and amendments. Each is checked whole before it is kept, and never changed. */
@Injectable()
export class RevisionsService {
  constructor(private readonly config: Config) {}

  /** Adds the next revision and makes it the head. The text must be one that `checked` has let pass. */
  async add(
    change: Change,
    text: NegotiatedText,
    { terms, prose }: CheckedText,
    message: string | null = null,
  ): Promise<AgreementRevision> {
    const { number, previousDigest, effectiveFrom } = text.place;
    const { canonical, digest } = agreementDocument({
      agreementId: text.ofAgreement,
      number,
      previousDigest: previousDigest as Digest | null,
      effectiveFrom: effectiveFrom?.toISOString() ?? null,
      parties: await this.parties(change.manager, text.organisationId),
      terms,
      prose,
    });
    text.headNumber += 1;
    text.headDigest = digest;
    text.headSide = change.actor.side as NegotiatingSide;
    return change.manager.create(AgreementRevision, {
      id: change.newId(),
      agreementId: text.ofAgreement,
      textId: text.id,
      number: text.headNumber,
      authorId: change.actor.id,
      authorSide: text.headSide,
      message,
      terms,
      prose,
      canonical: Buffer.from(canonical),
      digest,
      createdAt: change.at,
    });
  }

  /** The parties of an organisation's agreements, as their documents name them. */
  async parties(manager: EntityManager, organisationId: string): Promise<AgreementParty[]> {
    const partner = await manager.findOneByOrFail(PartnerOrganisation, { id: organisationId });
    return [
      { role: 'provider', organisationId: 'lab', legalName: this.config.values.labName },
      { role: 'evaluator', organisationId: partner.id, legalName: partner.legalName },
    ];
  }

  /** The current text. */
  head({ manager }: Pick<Change, 'manager'>, text: NegotiatedText): Promise<AgreementRevision> {
    return manager.findOneByOrFail(AgreementRevision, { textId: text.id, number: text.headNumber });
  }

  /** One revision by its number; a partner sees none that came before the first proposal. */
  async find(manager: EntityManager, actor: Actor, text: NegotiatedText, number: number): Promise<AgreementRevision> {
    // A number beyond the head's names no revision, and may be beyond what the column can hold.
    const first = actor.side === 'partner' ? (text.proposedNumber ?? Infinity) : 1;
    if (number < first || number > text.headNumber) throw new Refusal('not_found');
    return manager.findOneByOrFail(AgreementRevision, { textId: text.id, number });
  }
}

/** The text of a draft, or every fault of it with its pointer. */
export function checked({ terms, prose }: WriteRevision): CheckedText {
  const result = checkTerms(terms, { clauseIds: prose.map(({ clauseId }) => clauseId) });
  const faults = [
    ...duplicateClauses(prose),
    ...(result.problems ?? []).map((problem) => ({ ...problem, pointer: `/terms${problem.pointer}` })),
  ];
  if (result.problems || faults.length > 0) throw invalid(faults);
  const clauses = prose.map(({ clauseId, heading, text }) => ({ clauseId, heading, text }));
  return { terms: result.terms, prose: clauses };
}

function duplicateClauses(prose: readonly ProseClause[]): Fault[] {
  const seen = new Set<string>();
  return prose.flatMap(({ clauseId }, at) => {
    const duplicate = seen.has(clauseId);
    seen.add(clauseId);
    const detail = `The clause ${clauseId} stands twice.`;
    return duplicate ? [{ pointer: `/prose/${at}/clauseId`, code: 'prose.duplicate_clause', detail }] : [];
  });
}
