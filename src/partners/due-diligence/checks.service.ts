import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor } from '../../kernel/actor.js';
import { Changes } from '../../audit/changes.js';
import { findOwned, pageOfOwned } from '../../audit/owned.js';
import { Page, PageQuery } from '../../http/paging.js';
import { PartnerOrganisation } from '../partner-organisation.entity.js';
import { saveCounted } from '../save-counted.js';
import { addCheck } from './checks.js';
import { RecordCheck } from './checks.dto.js';
import { PartnerCheck } from './partner-check.entity.js';

/** The records of due diligence: made before a partner is approved, and again for as long as it is one. */
@Injectable()
export class ChecksService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
  ) {}

  record(actor: Actor, organisationId: string, body: RecordCheck): Promise<PartnerCheck> {
    return this.changes.run(actor, async (change) => {
      const partner = await change.hold(PartnerOrganisation, organisationId);
      const event = partner.move('record_check');
      const check = await addCheck(change, partner, body);
      await saveCounted(change, partner);
      // The partner reads its log, and the note is the lab's own: it stands in the row, which never changes.
      const { id, kind, outcome, source } = check;
      await change.record(event, partner.subject, { checkId: id, kind, outcome, source });
      return check;
    });
  }

  /** Every check of a partner, newest first. */
  async list(actor: Actor, organisationId: string, query: PageQuery): Promise<Page<PartnerCheck>> {
    await findOwned(this.database, PartnerOrganisation, actor, organisationId);
    return pageOfOwned(this.database, PartnerCheck, { actor, query, where: { organisationId } });
  }
}
