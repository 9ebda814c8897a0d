import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { KeyObject } from 'node:crypto';
import { createRemoteJWKSet, decodeProtectedHeader } from 'jose';
import { ExtractJwt, SecretOrKeyProvider, Strategy } from 'passport-jwt';
import { DataSource } from 'typeorm';
import { Actor, LabRole, labRoles, systemActor } from '../kernel/actor.js';
import { Clock } from '../kernel/clock.js';
import { Config } from '../kernel/configuration.js';
import { Changes } from '../audit/changes.js';
import { refusalOf } from '../http/problem.js';
import { newUser } from './invitations.service.js';
import { hasExpired } from './own-token.strategy.js';
import { UserAccount } from './user-account.entity.js';

type Claims = Record<string, unknown>;

/**
 * Access tokens of the lab's own identity provider, where one is configured. Only lab staff come this way; their
 * roles are what the provider's groups map to at this very request, and a suspension here still holds.
 */
@Injectable()
export class OidcTokenStrategy extends PassportStrategy(Strategy, 'oidc') {
  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly database: DataSource,
    private readonly changes: Changes,
  ) {
    const { oidcIssuer, oidcAudience, oidcJwksUrl } = config.values;
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: keysFrom(oidcJwksUrl),
      algorithms: ['RS256', 'PS256', 'ES256'],
      issuer: oidcIssuer ?? 'no issuer is configured',
      audience: oidcAudience,
      ignoreExpiration: true,
    });
  }

  async validate(claims: Claims): Promise<Actor | false> {
    const { auth_time: authTime } = claims;
    const person = personOf(claims);
    const roles = this.rolesOf(claims);
    if (hasExpired(claims, this.clock.now()) || person === null || roles.length === 0) return false;
    const user = (await this.find(person)) ?? (await this.open(person, roles));
    if (!user || user.suspendedAt) return false;
    return { ...user.actor(typeof authTime === 'number' ? new Date(authTime * 1000) : null), roles };
  }

  private rolesOf(claims: Claims): LabRole[] {
    const groups = claims[this.config.values.oidcRoleClaim];
    const mapped = (Array.isArray(groups) ? groups : []).map((group) => this.config.values.oidcRoles[String(group)]);
    return labRoles.filter((role) => mapped.includes(role));
  }

  /** By the provider's own name for the person, never by an address, which people change and others take over. */
  private find({ identity }: Person): Promise<UserAccount | null> {
    return this.database.getRepository(UserAccount).findOneBy({ identity });
  }

  /**
   * A person's first requests often come several at once: one opens the account, the others find it. Where the address
   * belongs to another account, nobody is let in.
   */
  private async open(person: Person, roles: LabRole[]): Promise<UserAccount | null> {
    try {
      return await this.provision(person, roles);
    } catch (error) {
      const opened = await this.find(person);
      if (opened || refusalOf(error)?.code === 'already_exists') return opened;
      throw error;
    }
  }

  /** Opens the account of a person whom the provider vouches for, at their first request. */
  private provision({ identity, email, name }: Person, roles: LabRole[]): Promise<UserAccount> {
    return this.changes.run(systemActor, async (change) => {
      const user = newUser(change, { email, name, organisationId: null, roles, passwordHash: null });
      user.identity = identity;
      await change.save(user);
      await change.record('user.joined', user.subject, { identity, email, roles });
      return user;
    });
  }
}

/** Who a token speaks of. */
interface Person {
  /** Issuer and subject: together they name one person for ever (OpenID Connect Core §2). */
  identity: string;
  email: string;
  name: string;
}

function personOf({ iss, sub, email, email_verified: verified, name }: Claims): Person | null {
  if (typeof sub !== 'string' || typeof email !== 'string' || verified === false) return null;
  const called = typeof name === 'string' ? name.slice(0, 200) : email;
  return { identity: `${String(iss)} ${sub}`, email: email.toLowerCase(), name: called };
}

/** Finds a token's key in the issuer's published set; `jose` caches it and limits how often it is fetched. */
function keysFrom(jwksUrl: string | null): SecretOrKeyProvider {
  const find = jwksUrl === null ? null : createRemoteJWKSet(new URL(jwksUrl));
  return (_request, token: string, done) => {
    if (!find) return done(new Error('no issuer is configured'));
    Promise.try(() => find(decodeProtectedHeader(token) as { alg: string }))
      .then((key) => done(null, KeyObject.from(key) as unknown as Buffer))
      .catch((error: unknown) => done(error));
  };
}
