import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor, systemActor } from '../kernel/actor.js';
import { Clock, day } from '../kernel/clock.js';
import { sha256 } from '../kernel/digests.js';
import { Refusal } from '../kernel/refusal.js';
import { Change } from '../audit/change.js';
import { Changes } from '../audit/changes.js';
import { currentRequest } from '../http/request-context.js';
import { AccessTokens } from './access-tokens.js';
import { LoginAttempts } from './login-attempts.js';
import { passwordMatches } from './secrets.js';
import { Session } from './session.entity.js';
import { UserAccount } from './user-account.entity.js';

/** How long a session lasts without being refreshed. */
const sessionLifetime = 14 * day;

/** What a log-in or a refresh hands out. */
export interface Tokens {
  accessToken: string;
  expiresAt: Date;
  refreshToken: string;
}

/** Log-ins: opened with a password, kept alive with rotating refresh tokens, ended at once. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly tokens: AccessTokens,
    private readonly attempts: LoginAttempts,
  ) {}

  /** Logs in. Every failure answers the same, whether the account exists or not. */
  async open(email: string, password: string): Promise<Tokens> {
    await this.attempts.count(email, currentRequest()?.address ?? 'unknown');
    const user = await this.database.getRepository(UserAccount).findOneBy({ email });
    const matches = await passwordMatches(user?.passwordHash ?? null, password);
    if (!user || !matches || user.suspendedAt) throw new Refusal('wrong_credentials');
    await this.attempts.forgive(email);
    return this.changes.run(user.actor(this.clock.now()), async (change) => {
      const session = change.manager.create(Session, {
        id: change.newId(),
        userId: user.id,
        authenticatedAt: change.at,
        endedAt: null,
      });
      const tokens = await this.issue(change, session);
      await change.record('session.opened', session.subject(user.organisationId));
      return tokens;
    });
  }

  /** Exchanges a refresh token for new tokens. One that was exchanged before ends the session: somebody copied it. */
  async refresh(refreshToken: string): Promise<Tokens> {
    const hash = sha256(refreshToken);
    const id = this.tokens.sessionOf(refreshToken);
    if (id === null) throw new Refusal('wrong_credentials');
    const tokens = await this.changes.run(systemActor, async (change) => {
      const session = await change.manager.findOne(Session, { where: { id }, lock: { mode: 'pessimistic_write' } });
      const user = session && (await change.manager.findOneBy(UserAccount, { id: session.userId }));
      if (!session?.isOpen(change.at) || !user || user.suspendedAt) throw new Refusal('wrong_credentials');
      if (!session.refreshHash.equals(hash)) return this.end(change, session, user.organisationId, 'reused');
      const issued = await this.issue(change, session);
      await change.record('session.refreshed', session.subject(user.organisationId));
      return issued;
    });
    if (tokens === null) throw new Refusal('wrong_credentials');
    return tokens;
  }

  /** Logs out: the session's tokens end at once. People of an identity provider have no session here to end. */
  async close(actor: Actor): Promise<void> {
    const { sessionId } = actor;
    if (sessionId === undefined) throw new Refusal('move_not_allowed', 'Log out at your identity provider.');
    await this.changes.run(actor, async (change) => {
      const session = await change.manager.findOneByOrFail(Session, { id: sessionId });
      await this.end(change, session, actor.organisationId, 'logged_out');
    });
  }

  private async end(change: Change, session: Session, organisationId: string | null, reason: string): Promise<null> {
    session.endedAt = change.at;
    await change.save(session);
    await change.record('session.ended', session.subject(organisationId), { reason });
    return null;
  }

  private async issue(change: Change, session: Session): Promise<Tokens> {
    const refreshToken = this.tokens.newRefreshToken(session);
    session.refreshHash = sha256(refreshToken);
    session.expiresAt = new Date(change.at.getTime() + sessionLifetime);
    await change.save(session);
    return { ...(await this.tokens.sign(session, change.at)), refreshToken };
  }
}
