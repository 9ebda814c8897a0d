import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { minute } from '../kernel/clock.js';
import { Session } from './session.entity.js';

/** The issuer and audience of Parley's own access tokens. */
export const ownIssuer = 'parley';
export const accessTokenLifetime = 15 * minute;

/** The secret under which access tokens are signed. */
export abstract class TokenSecret {
  abstract readonly bytes: Uint8Array;
}

/** Signs short-lived access tokens. They name a session and nothing else: roles are read at each request. */
@Injectable()
export class AccessTokens {
  constructor(private readonly secret: TokenSecret) {}

  async sign(session: Session, at: Date): Promise<{ accessToken: string; expiresAt: Date }> {
    const expiresAt = new Date(at.getTime() + accessTokenLifetime);
    const accessToken = await new SignJWT({ sid: session.id })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .setIssuer(ownIssuer)
      .setAudience(ownIssuer)
      .setSubject(session.userId)
      .setIssuedAt(at)
      .setExpirationTime(expiresAt)
      .sign(this.secret.bytes);
    return { accessToken, expiresAt };
  }
}
