import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { DataSource } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Clock } from '../kernel/clock.js';
import { isId } from '../kernel/ids.js';
import { ownIssuer, TokenSecret } from './access-tokens.js';
import { Session } from './session.entity.js';
import { UserAccount } from './user-account.entity.js';

interface Claims {
  sub?: unknown;
  sid?: unknown;
  exp?: unknown;
}

/** Parley's own access tokens: HS256 and nothing else, own issuer and audience. */
@Injectable()
export class OwnTokenStrategy extends PassportStrategy(Strategy, 'own') {
  constructor(
    secret: TokenSecret,
    private readonly clock: Clock,
    private readonly database: DataSource,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: Buffer.from(secret.bytes),
      algorithms: ['HS256'],
      issuer: ownIssuer,
      audience: ownIssuer,
      // The library knows the machine's clock only; the expiry is checked below against the injected one.
      ignoreExpiration: true,
    });
  }

  /** The person as they stand at this request: the session open, the account not suspended, the roles of now. */
  async validate(claims: Claims): Promise<Actor | false> {
    const { sub, sid } = claims;
    const now = this.clock.now();
    if (hasExpired(claims, now) || !isIdText(sub) || !isIdText(sid)) return false;
    const [session, user] = await Promise.all([
      this.database.getRepository(Session).findOneBy({ id: sid, userId: sub }),
      this.database.getRepository(UserAccount).findOneBy({ id: sub }),
    ]);
    if (!session?.isOpen(now) || !user || user.suspendedAt) return false;
    return { ...user.actor(session.authenticatedAt), sessionId: session.id };
  }
}

/** Whether a token is over; one without an end never began. */
export function hasExpired({ exp }: { exp?: unknown }, now: Date): boolean {
  return typeof exp !== 'number' || exp * 1000 <= now.getTime();
}

function isIdText(value: unknown): value is string {
  return typeof value === 'string' && isId(value);
}
