import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Config } from '../kernel/configuration.js';
import { Refusal } from '../kernel/refusal.js';
import { agreementDocument } from '../terms/digest.js';
import { checkTerms } from '../terms/drafting/check-terms.js';
import { Terms } from '../terms/terms.js';
import { invalid } from '../http/validation.js';
import { Change } from '../audit/change.js';
import { findOwned } from '../audit/owned.js';
import { PartnerOrganisation } from '../partners/partner-organisation.entity.js';
import { AgreementRevision, ProseClause } from './agreement-revision.entity.js';
import { WriteRevision } from './agreements.dto.js';
import { Agreement } from './agreement.entity.js';

/** The proposed texts of an agreement. Each is checked whole before it is kept, and never changed afterwards. */
@Injectable()
export class RevisionsService {
  constructor(
    private readonly database: DataSource,
    private readonly config: Config,
  ) {}

  /** Adds the next revision and makes it the head. */
  async add(change: Change, agreement: Agreement, text: WriteRevision): Promise<AgreementRevision> {
    const partner = await change.manager.findOneByOrFail(PartnerOrganisation, { id: agreement.organisationId });
    const terms = checkedTerms(text);
    const { canonical, digest } = agreementDocument({
      agreementId: agreement.id,
      number: 1,
      previousDigest: null,
      parties: [
        { role: 'provider', organisationId: 'lab', legalName: this.config.values.labName },
        { role: 'evaluator', organisationId: partner.id, legalName: partner.legalName },
      ],
      terms,
      prose: text.prose,
    });
    agreement.headNumber += 1;
    agreement.headDigest = digest;
    const revision = change.manager.create(AgreementRevision, {
      id: change.newId(),
      agreementId: agreement.id,
      number: agreement.headNumber,
      authorId: change.actor.id,
      terms,
      prose: text.prose.map(({ clauseId, heading, text: words }) => ({ clauseId, heading, text: words })),
      canonical: Buffer.from(canonical),
      digest,
      createdAt: change.at,
    });
    return revision;
  }

  /** The current text. */
  head(change: Change, agreement: Agreement): Promise<AgreementRevision> {
    return change.manager.findOneByOrFail(AgreementRevision, {
      agreementId: agreement.id,
      number: agreement.headNumber,
    });
  }

  /** One revision by its number; a partner sees none that came before the first proposal. */
  async find(actor: Actor, agreementId: string, number: number): Promise<AgreementRevision> {
    const agreement = await findOwned(this.database, Agreement, actor, agreementId);
    // A number beyond the head's names no revision, and may be beyond what the column can hold.
    const first = actor.side === 'partner' ? (agreement.proposedNumber ?? Infinity) : 1;
    if (number < first || number > agreement.headNumber) throw new Refusal('not_found');
    const revision = await this.database.getRepository(AgreementRevision).findOneBy({ agreementId, number });
    if (!revision) throw new Refusal('not_found');
    return revision;
  }
}

/** The terms of a text, or every fault of it with its pointer. */
function checkedTerms({ terms, prose }: WriteRevision): Terms {
  const checked = checkTerms(terms, { clauseIds: prose.map(({ clauseId }) => clauseId) });
  const faults = [
    ...duplicateClauses(prose),
    ...(checked.problems ?? []).map((problem) => ({ ...problem, pointer: `/terms${problem.pointer}` })),
  ];
  if (checked.problems || faults.length > 0) throw invalid(faults);
  return checked.terms;
}

function duplicateClauses(prose: ProseClause[]) {
  const seen = new Set<string>();
  return prose.flatMap(({ clauseId }, at) => {
    const duplicate = seen.has(clauseId);
    seen.add(clauseId);
    const detail = `The clause ${clauseId} stands twice.`;
    return duplicate ? [{ pointer: `/prose/${at}/clauseId`, code: 'prose.duplicate_clause', detail }] : [];
  });
}
