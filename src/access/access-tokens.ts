import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
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

  /** A refresh token: it names its session under our own seal, so that even one from long ago is known for what it is. */
  newRefreshToken(session: Session): string {
    const body = `${session.id}.${randomBytes(32).toString('base64url')}`;
    return `parley_refresh_${body}.${this.sealOf(body)}`;
  }

  /** The session of a refresh token that was ever given out; null for anything else. */
  sessionOf(refreshToken: string): string | null {
    const [, body, seal] = /^parley_refresh_([0-9a-f-]{36}\.[\w-]{43})\.([\w-]{22})$/.exec(refreshToken) ?? [];
    if (body === undefined || seal === undefined) return null;
    return timingSafeEqual(Buffer.from(this.sealOf(body)), Buffer.from(seal)) ? body.slice(0, 36) : null;
  }

  private sealOf(body: string): string {
    const mac = createHmac('sha256', this.secret.bytes).update(`parley refresh token\n${body}`).digest();
    return mac.subarray(0, 16).toString('base64url');
  }
}
