import { ArgumentsHost, Catch, ExceptionFilter, Logger } from '@nestjs/common';
import { Response } from 'express';
import { Refusal } from '../kernel/refusal.js';
import { ReplayedAnswer } from './idempotency.interceptor.js';
import { loggable, refusalOf, sendProblem } from './problem.js';

/** Turns everything thrown into an RFC 9457 problem. A fault of ours is logged whole and told without a detail. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Problem');

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    if (error instanceof ReplayedAnswer) return sendReplay(error, response);
    const refusal = refusalOf(error);
    if (refusal === null) this.logger.error(loggable(error));
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendProblem(response, refusal ?? new Refusal('internal_error'));
  }
}

function sendReplay({ stored }: ReplayedAnswer, response: Response): void {
  const type = stored.status >= 400 ? 'application/problem+json' : 'application/json';
  response.status(stored.status);
  if (stored.status === 204) response.end();
  else response.type(type).send(JSON.stringify(stored.body));
}
