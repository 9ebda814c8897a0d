import { CanActivate, ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { Request } from 'express';
import { Actor } from '../kernel/actor.js';
import { may, Permission } from '../kernel/permissions.js';
import { Refusal } from '../kernel/refusal.js';
import { permissionKey, publicKey } from '../http/route.js';
import { GatewayCredentialsService } from './gateway-credentials.service.js';

/** Establishes who a bearer token speaks for: Parley's own token first, then the identity provider's. */
@Injectable()
export class BearerGuard extends AuthGuard(['own', 'oidc']) {
  override handleRequest<T>(error: unknown, user: T | false | null): T {
    // Trouble of ours, such as a database that does not answer, says nothing about the token.
    if (error) throw error as Error;
    if (!user) throw new Refusal('unauthenticated');
    return user;
  }
}

/** Keeps every route closed but those that are public or whose permission the actor has. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly bearer: BearerGuard,
    private readonly credentials: GatewayCredentialsService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const handler = context.getHandler();
    if (this.reflector.get<boolean>(publicKey, handler)) return true;
    const request = context.switchToHttp().getRequest<Request & { user?: Actor }>();
    const gateway = await this.credentials.authenticate(request.header('authorization'));
    if (gateway) request.user = gateway;
    else await this.bearer.canActivate(context);
    const permission = this.reflector.get<Permission | undefined>(permissionKey, handler);
    if (!permission || !request.user || !may(request.user, permission)) throw new Refusal('forbidden');
    return true;
  }
}
