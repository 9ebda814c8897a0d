import { applyDecorators, Header, HttpCode, Param, PipeTransform, SetMetadata, Type } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiExtraModels,
  ApiHeader,
  ApiOperation,
  ApiQuery,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import { isId } from '../kernel/ids.js';
import { Permission } from '../kernel/permissions.js';
import { ProblemCode, problems } from '../kernel/problems.js';
import { Refusal } from '../kernel/refusal.js';
import { catalogueUrl } from './problem.js';
import { RevocationReceiptAnswer } from './receipt.dto.js';

export const permissionKey = 'parley:permission';
export const publicKey = 'parley:public';
export const answerKey = 'parley:answer';

/** What a route answers when it succeeds. */
export interface AnswerShape {
  status: number;
  /** The allow-list; null for an answer without a body. */
  shape: Type | null;
  /** Whether the answer is a page of such shapes. */
  page: boolean;
  /** Whether the answer is a bare JSON array of such shapes, as only a protocol of others may ask for. */
  list: boolean;
  /** Fields shown in the first answer only, never in a replayed one. */
  shownOnce: readonly string[];
  /** Whether it may take access away, so that its answer names a revocation receipt and may wait for it. */
  receipt: boolean;
}

/** Opens a route to the roles that carry a permission. A route with neither this nor `Public` stays closed. */
export function Permit(permission: Permission): MethodDecorator {
  return applyDecorators(
    SetMetadata(permissionKey, permission),
    ApiBearerAuth(),
    problemResponses(['unauthenticated', 'forbidden']),
  );
}

/** Opens a route to everyone, without a token. */
export function Public(): MethodDecorator {
  return SetMetadata(publicKey, true);
}

interface AnswerOptions {
  status?: number;
  page?: boolean;
  list?: boolean;
  shownOnce?: readonly string[];
  receipt?: boolean;
  /** The problems that this route gives beside the ones that every route may give. */
  problems?: readonly ProblemCode[];
}

/** What a route does, in one sentence, and the shape of its answer: for OpenAPI, and the allow-list it is held to. */
export function Answers(summary: string, shape: Type | null, options: AnswerOptions = {}): MethodDecorator {
  const { problems: codes = [], status = shape === null ? 204 : 200, ...more } = options;
  const answer: AnswerShape = { page: false, list: false, shownOnce: [], receipt: false, ...more, status, shape };
  return applyDecorators(
    HttpCode(status),
    SetMetadata(answerKey, answer),
    ApiOperation({ summary }),
    success(summary, answer),
    ...(status === 201 ? [idempotencyHeader] : []),
    ...(answer.receipt ? [waitQuery] : []),
    problemResponses([...codes, ...(answer.receipt ? malformed : []), 'temporary_reduced_capacity']),
  );
}

function success(description: string, { status, shape, page, list, receipt }: AnswerShape): MethodDecorator {
  if (shape === null) return ApiResponse({ status, description });
  const one = { $ref: getSchemaPath(shape) };
  const schema = page ? pageOf(one) : list ? { type: 'array', items: one } : receipt ? withReceipt(one) : one;
  const content = { 'application/json': { schema } };
  const headers = receipt ? { [receiptHeader]: receiptHeaderShape } : undefined;
  return applyDecorators(ApiExtraModels(shape), ApiResponse({ status, description, headers, content }));
}

/** The header that names the receipt of a change. */
export const receiptHeader = 'Parley-Receipt';

const receiptHeaderShape = {
  description: 'The number of the revocation receipt, at `GET /v1/revocation-receipts/{seq}`, that covers this change.',
  schema: { type: 'integer' as const, format: 'int64', minimum: 1 },
};

const waitQuery = ApiQuery({
  name: 'wait',
  required: false,
  description:
    'Answer only when every live gateway node has applied the change or refuses everything, within seven seconds; ' +
    'the answer then holds the `receipt`. The change is made before the wait, and stands whatever comes of that.',
  schema: { type: 'string', enum: ['all'] },
});

const malformed: readonly ProblemCode[] = ['invalid_request'];

function withReceipt(one: { $ref: string }) {
  const receipt = { allOf: [{ $ref: getSchemaPath(RevocationReceiptAnswer) }], nullable: true };
  return { allOf: [one, { type: 'object', properties: { receipt } }] };
}

/** A route that answers with a file: its text goes out as it is. */
export function Sends(summary: string, mediaType: string, codes: readonly ProblemCode[]): MethodDecorator {
  return applyDecorators(
    Header('Content-Type', mediaType),
    ApiOperation({ summary }),
    ApiResponse({ status: 200, description: summary, content: { [mediaType]: { schema: { type: 'string' } } } }),
    problemResponses([...codes, 'temporary_reduced_capacity']),
  );
}

const idempotencyHeader = ApiHeader({
  name: 'Idempotency-Key',
  required: false,
  description: 'A quoted string of 1 to 255 characters (RFC 8941). The same key replays the first answer.',
  schema: { type: 'string', example: '"8e03978e-40d5-43e8-bc93-6894a57f9324"' },
});

function pageOf(one: { $ref: string }) {
  return {
    type: 'object',
    required: ['data', 'next_cursor'],
    properties: {
      data: { type: 'array', items: one },
      next_cursor: { type: 'string', nullable: true, description: 'Pass as `cursor` for the next page.' },
    },
  };
}

const problemsKey = 'parley:problems';

/** The refusals of a route, grouped by status as OpenAPI wants them; several decorators add to one list. */
function problemResponses(codes: readonly ProblemCode[]): MethodDecorator {
  return (target, name, descriptor) => {
    const handler = descriptor.value as object;
    const known = (Reflect.getMetadata(problemsKey, handler) ?? []) as ProblemCode[];
    const all = [...known, ...codes];
    Reflect.defineMetadata(problemsKey, all, handler);
    for (const [status, response] of problemsByStatus(all))
      ApiResponse({ status, ...response })(target, name, descriptor);
  };
}

/** Refusals grouped by status as OpenAPI wants them, each with an example. */
export function problemsByStatus(codes: readonly ProblemCode[]) {
  const byStatus = Map.groupBy(new Set(codes), (code) => problems[code].status);
  return [...byStatus].map(([status, group]) => {
    const schema = { $ref: '#/components/schemas/Problem' };
    const examples = Object.fromEntries(group.map((code) => [code, { value: exampleOf(code) }]));
    const description = group.map((code) => problems[code].title).join('; ');
    return [status, { description, content: { 'application/problem+json': { schema, examples } } }] as const;
  });
}

function exampleOf(code: ProblemCode) {
  const { status, title, meaning } = problems[code];
  return { type: `${catalogueUrl}#${code}`, title, status, detail: meaning, code };
}

class IdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (isId(value)) return value;
    throw new Refusal('not_found');
  }
}

/** An id in the path. What cannot be an id is absent, byte for byte like a row of another organisation. */
export function IdParam(name = 'id'): ParameterDecorator {
  return Param(name, new IdPipe());
}

class NumberPipe implements PipeTransform<string, number> {
  transform(value: string): number {
    // Nine digits, which every column that numbers things holds.
    if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
    throw new Refusal('not_found');
  }
}

/** A number in the path that counts from 1. What cannot be one is absent, like one that is not there. */
export function NumberParam(name: string): ParameterDecorator {
  return Param(name, new NumberPipe());
}
