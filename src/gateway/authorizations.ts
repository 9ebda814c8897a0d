import { Injectable, OnModuleInit } from '@nestjs/common';
import { IncomingMessage } from 'node:http';
import { parseBody } from '../http/body.js';
import { problemBody, refusalOf } from '../http/problem.js';
import { invalid } from '../http/validation.js';
import { Decider } from './decider.js';
import { authorizationAnswer } from './authorization-answer.js';
import { readAuthorizationBatch, readAuthorizationRequest } from './authorization-request.js';
import { bodyOf, credentialOf, unauthenticated } from './gateway-request.js';
import { GatewayRoutes, Reply } from './gateway-routes.js';
import { Admission } from './journal.js';

/** The largest body of one question and of a batch, in bytes. */
const bodyBytesMax = 65_536;
const batchBytesMax = 1_048_576;

/** Serves `POST /v1/authorizations` and its batch. */
@Injectable()
export class Authorizations implements OnModuleInit {
  constructor(
    private readonly routes: GatewayRoutes,
    private readonly decider: Decider,
  ) {}

  onModuleInit(): void {
    const method = 'POST' as const;
    this.routes.register({ method, path: '/v1/authorizations', answer: (request) => this.one(request) });
    this.routes.register({ method, path: '/v1/authorizations/batch', answer: (request) => this.many(request) });
  }

  private async one(request: IncomingMessage): Promise<Reply> {
    const credential = credentialOf(request);
    this.decider.assertKnown(credential);
    const question = readAuthorizationRequest(parseBody(await bodyOf(request, bodyBytesMax)));
    if (Array.isArray(question)) throw invalid(question);
    const admission = await this.decider.decide({ credential, request: question });
    if (admission === null) throw unauthenticated();
    return { body: authorizationAnswer(admission) };
  }

  /**
   * Decides each question for itself. One that could not be decided is answered with its problem, so that the
   * reservations of its neighbours are not lost; only if none could be is the whole call refused.
   */
  private async many(request: IncomingMessage): Promise<Reply> {
    const credential = credentialOf(request);
    this.decider.assertKnown(credential);
    const batch = readAuthorizationBatch(parseBody(await bodyOf(request, batchBytesMax)));
    if ('faults' in batch) throw invalid(batch.faults);
    const decided = await Promise.allSettled(
      batch.questions.map(async (question) => this.decider.decide({ credential, request: question })),
    );
    const refused = decided.filter((one) => one.status === 'rejected');
    if (refused.length === decided.length) throw refused[0]!.reason;
    return { body: { answers: decided.map(answerOf) } };
  }
}

function answerOf(decided: PromiseSettledResult<Admission | null>): object {
  if (decided.status === 'fulfilled') {
    if (decided.value === null) throw unauthenticated();
    return authorizationAnswer(decided.value);
  }
  const refusal = refusalOf(decided.reason);
  if (refusal === null) throw decided.reason;
  return problemBody(refusal);
}
