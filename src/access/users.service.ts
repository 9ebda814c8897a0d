import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor, labRoles, partnerRoles, Role } from '../kernel/actor.js';
import { Refusal } from '../kernel/refusal.js';
import { Change } from '../audit/change.js';
import { Changes } from '../audit/changes.js';
import { pageOfOwned } from '../audit/owned.js';
import { Page, PageQuery } from '../http/paging.js';
import { UserAccount } from './user-account.entity.js';

/** People: who there is, what they may do, and stopping an account. */
@Injectable()
export class UsersService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
  ) {}

  async me(actor: Actor): Promise<UserAccount> {
    return this.database.getRepository(UserAccount).findOneByOrFail({ id: actor.id });
  }

  list(actor: Actor, query: PageQuery): Promise<Page<UserAccount>> {
    return pageOfOwned(this.database, UserAccount, { actor, query });
  }

  suspend(actor: Actor, id: string): Promise<UserAccount> {
    return this.change(actor, id, 'user.suspended', (user, change) => user.suspend(change.at, actor));
  }

  resume(actor: Actor, id: string): Promise<UserAccount> {
    return this.change(actor, id, 'user.resumed', (user) => user.resume());
  }

  /** Sets the roles of a person to exactly these, which must be of the person's own side. */
  setRoles(actor: Actor, id: string, roles: Role[]): Promise<UserAccount> {
    return this.change(actor, id, 'user.roles_set', (user) => {
      if (user.id === actor.id) throw new Refusal('separation_of_duties', 'Nobody sets their own roles.');
      const known: readonly Role[] = user.side === 'lab' ? labRoles : partnerRoles;
      if (!roles.every((role) => known.includes(role))) {
        const expected = `roles of: ${known.join(', ')}`;
        throw new Refusal('invalid_request', 'A role does not fit this person’s side.', {
          pointer: '/roles',
          expected,
        });
      }
      user.roles = roles;
    });
  }

  private change(
    actor: Actor,
    id: string,
    action: string,
    apply: (user: UserAccount, change: Change) => void,
  ): Promise<UserAccount> {
    return this.changes.run(actor, async (change) => {
      const user = await change.hold(UserAccount, id);
      apply(user, change);
      await change.save(user);
      await change.record(action, user.subject, { roles: user.roles });
      return user;
    });
  }
}
