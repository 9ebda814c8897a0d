import { Injectable } from '@nestjs/common';
import { DataSource, IsNull } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Refusal } from '../kernel/refusal.js';
import { Terms } from '../terms/terms.js';
import { UserAccount } from '../access/user-account.entity.js';
import { Agreement } from '../agreements/agreement.entity.js';
import { VersionsService } from '../agreements/versions.service.js';
import { Change } from '../audit/change.js';
import { Changes } from '../audit/changes.js';
import { pageOfOwned } from '../audit/owned.js';
import { Page } from '../http/paging.js';
import { AgreementQuery } from './campaigns.dto.js';
import { RosterEntry } from './roster-entry.entity.js';

/** Who may hold keys under an agreement. */
@Injectable()
export class RosterService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly versions: VersionsService,
  ) {}

  /** Vouches for a researcher, within the limits and e-mail domains of the terms. */
  add(actor: Actor, agreementId: string, userId: string): Promise<RosterEntry> {
    return this.changes.run(actor, async (change) => {
      const agreement = await change.hold(Agreement, agreementId);
      const { terms } = await this.versions.current(change, agreement);
      const { organisationId } = agreement;
      const user = await change.manager.findOneBy(UserAccount, { id: userId, organisationId });
      assertEligible(user, terms);
      await this.assertRoom(change, agreementId, terms);
      const entry = change.manager.create(RosterEntry, {
        id: change.newId(),
        organisationId,
        agreementId,
        userId,
        vouchedBy: actor.id,
        addedAt: change.at,
        removedAt: null,
      });
      await change.save(entry);
      await change.record('roster.researcher_added', entry.subject, { agreementId, userId });
      return entry;
    });
  }

  /** Removes a researcher; every key of theirs under the agreement is refused from the next decision on. */
  remove(actor: Actor, id: string): Promise<RosterEntry> {
    return this.changes.run(actor, async (change) => {
      const entry = await change.hold(RosterEntry, id);
      entry.remove(change.at);
      await change.save(entry);
      await change.record('roster.researcher_removed', entry.subject, { userId: entry.userId });
      return entry;
    });
  }

  /** The entry of a person who is on the roster now; null when they are not. */
  entryOf(change: Change, agreementId: string, userId: string): Promise<RosterEntry | null> {
    return change.manager.findOneBy(RosterEntry, { agreementId, userId, removedAt: IsNull() });
  }

  list(actor: Actor, query: AgreementQuery): Promise<Page<RosterEntry>> {
    const where = query.agreementId === undefined ? {} : { agreementId: query.agreementId };
    return pageOfOwned(this.database, RosterEntry, { actor, query, where });
  }

  // The agreement's row is locked, so two additions cannot both take the last place.
  private async assertRoom(change: Change, agreementId: string, { roster }: Terms): Promise<void> {
    const taken = await change.manager.countBy(RosterEntry, { agreementId, removedAt: IsNull() });
    if (taken < roster.maxResearchers) return;
    const detail = `The terms allow ${roster.maxResearchers} researchers (clause ${roster.clauseRef}).`;
    throw new Refusal('limit_reached', detail);
  }
}

function assertEligible(user: UserAccount | null, { roster }: Terms): asserts user is UserAccount {
  if (!user?.roles.includes('researcher')) {
    const expected = 'the id of a member of the partner with the role researcher';
    throw new Refusal('invalid_request', 'This is no researcher of the partner.', { pointer: '/userId', expected });
  }
  const domain = user.email.slice(user.email.lastIndexOf('@') + 1);
  if (!roster.emailDomains.includes(domain)) {
    const detail = `${domain} is not among the domains of clause ${roster.clauseRef}.`;
    throw new Refusal('outside_agreement', detail, { pointer: '/userId', expected: roster.emailDomains.join(', ') });
  }
}
