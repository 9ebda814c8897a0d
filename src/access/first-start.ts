import { Injectable } from '@nestjs/common';
import { DataSource, IsNull } from 'typeorm';
import { systemActor } from '../kernel/actor.js';
import { Changes } from '../audit/changes.js';
import { Invitation } from './invitation.entity.js';
import { InvitationsService } from './invitations.service.js';
import { UserAccount } from './user-account.entity.js';

/** The way into an empty database: one single-use invitation for the first administrator. */
@Injectable()
export class FirstStart {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly invitations: InvitationsService,
  ) {}

  /**
   * A fresh invitation while nobody has an account, else null. An earlier one that nobody used is void from then on,
   * so that at most one can ever be accepted.
   */
  async invite(): Promise<string | null> {
    if (await this.database.getRepository(UserAccount).exists()) return null;
    return this.changes.run(systemActor, async (change) => {
      // Two processes may start on the same empty database: the second waits here, then voids the first's invitation.
      await change.manager.query("SELECT pg_advisory_xact_lock(hashtext('parley first start'))");
      const open = { invitedBy: systemActor.id, closedAt: IsNull() };
      await change.manager.update(Invitation, open, { closedAt: change.at });
      const invitee = { email: null, organisationId: null, roles: ['admin' as const] };
      return (await this.invitations.invite(change, invitee)).token;
    });
  }
}
