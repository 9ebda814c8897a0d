import { CallHandler, ExecutionContext, Injectable, Logger, NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Request, Response } from 'express';
import { catchError, concatMap, Observable } from 'rxjs';
import { Actor } from '../../kernel/actor.js';
import { childPointer } from '../../kernel/json-pointer.js';
import { Fault } from '../../kernel/refusal.js';
import { ReplayedAnswer } from '../../http/idempotency.interceptor.js';
import { loggable } from '../../http/problem.js';
import { RevocationReceiptAnswer } from '../../http/receipt.dto.js';
import { AnswerShape, answerKey, receiptHeader } from '../../http/route.js';
import { shown } from '../../http/shown.js';
import { invalid } from '../../http/validation.js';
import { Receipts } from './receipts.service.js';

/** One request whose answer names a receipt. */
interface Asked {
  actor: Actor;
  waits: boolean;
  response: Response;
}

/**
 * Names the receipt on every answer of a route that may take access away, and with `?wait=all` answers when no node
 * decides without the change any more. It stands outside of every other interceptor: by then the change is committed
 * and the answer is held to its allow-list, and a stored answer that is replayed gets a receipt as the first one did.
 */
@Injectable()
export class ReceiptsInterceptor implements NestInterceptor {
  private readonly logger = new Logger('Receipts');

  constructor(
    private readonly reflector: Reflector,
    private readonly receipts: Receipts,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const answer = this.reflector.get<AnswerShape | undefined>(answerKey, context.getHandler());
    if (!answer?.receipt) return next.handle();
    const http = context.switchToHttp();
    const request = http.getRequest<Request & { user: Actor }>();
    const asked = { actor: request.user, waits: waits(request), response: http.getResponse<Response>() };
    return next.handle().pipe(
      concatMap((body: unknown) => this.receipted(asked, body)),
      catchError(async (error: unknown) => {
        if (!(error instanceof ReplayedAnswer) || error.stored.status >= 400) throw error;
        const { status, body } = error.stored;
        throw new ReplayedAnswer({ status, body: await this.receipted(asked, body) });
      }),
    );
  }

  private async receipted({ actor, waits: whole, response }: Asked, body: unknown): Promise<unknown> {
    try {
      const seq = await this.receipts.newest(actor);
      if (seq !== null) response.setHeader(receiptHeader, seq);
      if (!whole) return body;
      const receipt = seq === null ? null : await this.receipts.whenEverywhere(actor, seq);
      return { ...(body as object), receipt: receipt && shown(RevocationReceiptAnswer, receipt) };
    } catch (error) {
      // The change is made, so the answer must say so, even if the database went away at this very moment.
      this.logger.warn(loggable(error));
      return whole ? { ...(body as object), receipt: null } : body;
    }
  }
}

/** Whether to answer only when the change is in force everywhere. A malformed query is told before anything is changed. */
function waits({ query }: Request): boolean {
  const { wait, ...unknown } = query;
  const faults: Fault[] = Object.keys(unknown).map((name) => {
    const pointer = childPointer('', name);
    return { pointer, code: 'field.unknown', detail: `There is no field ${pointer}.` };
  });
  const expected = 'one of: all';
  if (wait !== undefined && wait !== 'all') {
    faults.push({ pointer: '/wait', code: 'field.wrong', detail: `/wait is not ${expected}.`, expected });
  }
  if (faults.length > 0) throw invalid(faults);
  return wait !== undefined;
}
