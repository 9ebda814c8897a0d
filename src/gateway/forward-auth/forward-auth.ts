import { Injectable, Logger, OnModuleInit } from '@nestjs/common';
import { IncomingMessage } from 'node:http';
import { Refusal } from '../../kernel/refusal.js';
import { loggable, refusalOf } from '../../http/problem.js';
import { Decider } from '../decider.js';
import { GatewayRoutes } from '../gateway-routes.js';
import { forwardedQuestion, unknownGateway } from './forwarded-question.js';
import { Profile, profiles } from './profiles.js';
import { Verdict, verdictOf, verdictOfRefusal } from './verdict.js';

/** Serves the forward-auth profiles: gateways that hold a request back and ask whether it may go on. */
@Injectable()
export class ForwardAuth implements OnModuleInit {
  private readonly logger = new Logger('ForwardAuth');

  constructor(
    private readonly routes: GatewayRoutes,
    private readonly decider: Decider,
  ) {}

  onModuleInit(): void {
    for (const profile of profiles) {
      const answer = async (request: IncomingMessage) => profile.told(await this.decide(profile, request));
      this.routes.register({ method: '*', path: profile.path, answer });
    }
  }

  private async decide(profile: Profile, request: IncomingMessage): Promise<Verdict> {
    try {
      const admission = await this.decider.decide(forwardedQuestion(request, profile.uriOf(request)));
      return admission === null ? verdictOfRefusal(unknownGateway()) : verdictOf(admission);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) this.logger.error(loggable(error));
      return verdictOfRefusal(refusal ?? new Refusal('internal_error'));
    }
  }
}
