import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor, LabRole, Role, systemActor } from '../kernel/actor.js';
import { day } from '../kernel/clock.js';
import { sha256 } from '../kernel/digests.js';
import { Refusal } from '../kernel/refusal.js';
import { Change } from '../audit/change.js';
import { Changes } from '../audit/changes.js';
import { pageOfOwned } from '../audit/owned.js';
import { Page, PageQuery } from '../http/paging.js';
import { AcceptInvitation } from './access.dto.js';
import { Invitation } from './invitation.entity.js';
import { hashPassword, newSecret } from './secrets.js';
import { UserAccount } from './user-account.entity.js';

/** How long an invitation may be accepted. */
const invitationLifetime = 7 * day;

/** Whom to invite; `email` null lets the holder of the token name their own. */
interface Invitee {
  email: string | null;
  organisationId: string | null;
  roles: Role[];
}

export type InvitationWithToken = Invitation & { token: string };

/** Invites people and turns invitations into accounts. */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
  ) {}

  /** Invites lab staff. */
  inviteStaff(actor: Actor, email: string, roles: LabRole[]): Promise<InvitationWithToken> {
    return this.changes.run(actor, (change) => this.invite(change, { email, organisationId: null, roles }));
  }

  /** Invites within a change that another context opened; that context decides who may invite whom. */
  async invite(change: Change, invitee: Invitee): Promise<InvitationWithToken> {
    if (invitee.email !== null && (await change.manager.existsBy(UserAccount, { email: invitee.email }))) {
      throw new Refusal('already_exists', 'This e-mail address has an account already.', { pointer: '/email' });
    }
    const { secret, hash } = newSecret('parley_invitation');
    const invitation = change.manager.create(Invitation, {
      ...invitee,
      id: change.newId(),
      tokenHash: hash,
      invitedBy: change.actor.id,
      createdAt: change.at,
      expiresAt: new Date(change.at.getTime() + invitationLifetime),
      closedAt: null,
    });
    await change.save(invitation);
    await change.record('user.invited', invitation.subject, { email: invitee.email, roles: invitee.roles });
    return Object.assign(invitation, { token: secret });
  }

  /** Opens the account that an invitation is for. */
  async accept(request: AcceptInvitation): Promise<UserAccount> {
    const passwordHash = await hashPassword(request.password);
    return this.changes.run(systemActor, async (change) => {
      const invitation = await change.manager.findOne(Invitation, {
        where: { tokenHash: sha256(request.token) },
        lock: { mode: 'pessimistic_write' },
      });
      if (!invitation) throw new Refusal('expired', 'The invitation was used or has expired.');
      invitation.close(change.at);
      const email = invitation.email ?? request.email;
      if (email === undefined) {
        throw new Refusal('invalid_request', 'This invitation names no address; give yours.', { pointer: '/email' });
      }
      const user = newUser(change, { ...invitation, email, name: request.name, passwordHash });
      await change.save(invitation);
      await change.save(user);
      await change.record('user.joined', user.subject, { invitation: invitation.id, email, roles: user.roles });
      return user;
    });
  }

  /** The invitations that an actor may see, newest first. */
  list(actor: Actor, query: PageQuery): Promise<Page<Invitation>> {
    return pageOfOwned(this.database, Invitation, { actor, query });
  }
}

/** A new account; also for people whom an identity provider vouches for. */
export function newUser(
  change: Change,
  from: Pick<UserAccount, 'email' | 'name' | 'organisationId' | 'roles' | 'passwordHash'>,
): UserAccount {
  const { email, name, organisationId, roles, passwordHash } = from;
  return change.manager.create(UserAccount, {
    id: change.newId(),
    email,
    name,
    side: organisationId === null ? 'lab' : 'partner',
    organisationId,
    roles,
    passwordHash,
    identity: null,
    createdAt: change.at,
    suspendedAt: null,
  });
}
