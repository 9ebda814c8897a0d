import { OpenAPIObject } from '@nestjs/swagger';
import { ProblemCode } from '../kernel/problems.js';
import { problemsByStatus } from '../http/route.js';
import { authorizationAnswerSchema } from './authorization-answer.js';
import { authorizationRequestSchema } from './authorization-request.js';

const problemCodes: ProblemCode[] = [
  'malformed_request',
  'unauthenticated',
  'too_large',
  'invalid_request',
  'temporary_reduced_capacity',
];

/** Adds the routes of the gateway listener to the document; they are served on its own port. */
export function describeGateway(document: OpenAPIObject): void {
  document.paths['/v1/authorizations'] = {
    servers: [{ url: 'http://127.0.0.1:3001', description: 'The gateway listener' }],
    post: {
      operationId: 'Authorizations.decide',
      tags: ['gateway'],
      summary: 'May this key do this now? Always 200 to an authenticated gateway.',
      security: [{ bearer: [] }],
      requestBody: { required: true, content: { 'application/json': { schema: authorizationRequestSchema } } },
      responses: {
        200: {
          description: 'The decision.',
          content: { 'application/json': { schema: authorizationAnswerSchema } },
        },
        ...Object.fromEntries(problemsByStatus(problemCodes)),
      },
    },
  };
}
