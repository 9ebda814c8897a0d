import { OpenAPIObject } from '@nestjs/swagger';
import { problemsByStatus } from '../../http/route.js';
import { revocationKinds } from './change-log.entity.js';

const list = { type: 'array' as const, items: { type: 'string' as const } };

/** The shape of the data of one event. */
const revocationSchema = {
  type: 'object',
  required: ['seq', 'kind', 'entity_id', 'at', 'keys', 'models'],
  properties: {
    seq: { type: 'integer', description: 'The number of the change; the id of the event.' },
    kind: { type: 'string', enum: [...revocationKinds], description: 'What it is about; the name of the event.' },
    entity_id: {
      type: 'string',
      format: 'uuid',
      description: 'What changed or was stopped; for a purpose and a model the stop.',
    },
    at: { type: 'string', format: 'date-time', description: 'When it changed, by the clock of the database.' },
    keys: { ...list, description: 'The public ids of the keys that it reaches and that are refused now, sorted.' },
    models: {
      ...list,
      nullable: true,
      description: 'For a model: the snapshots for which alone the keys are refused. Null: for everything.',
    },
  },
};

const parameters = [
  {
    name: 'after',
    in: 'query' as const,
    required: false,
    schema: { type: 'integer', minimum: 0 },
    description: 'Go on after this number; 0 for all that is kept. Without it: from now on.',
  },
  {
    name: 'Last-Event-ID',
    in: 'header' as const,
    required: false,
    schema: { type: 'integer', minimum: 0 },
    description: 'The last id that was received. It goes before `after`.',
  },
];

/** Adds the stream of revocations to the document. OpenAPI shows the data of one event, for it has no word for streams. */
export function describeRevocations(document: OpenAPIObject, servers: { url: string; description: string }[]): void {
  document.paths['/v1/revocations'] = {
    servers,
    get: {
      operationId: 'Revocations.listen',
      tags: ['gateway'],
      summary: 'Be told at once what is refused from now on (server-sent events), to abort what runs already.',
      security: [{ bearer: [] }],
      parameters,
      responses: {
        200: {
          description: 'A stream without an end. The data of each event is JSON of this shape.',
          content: { 'text/event-stream': { schema: revocationSchema } },
        },
        ...Object.fromEntries(problemsByStatus(['unauthenticated', 'invalid_request', 'temporary_reduced_capacity'])),
      },
    },
  };
}
