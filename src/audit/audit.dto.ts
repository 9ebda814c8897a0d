import { Instant, Id, JsonObject, OneOf, Text } from '../http/fields.js';
import { PageQuery } from '../http/paging.js';

/** Which entries to list. */
export class AuditQuery extends PageQuery {
  @Id({ description: 'Only entries about this thing.', optional: true })
  subject?: string;
}

/** One entry of the audit log. */
export class AuditEntryAnswer {
  @Id({ description: 'The entry. Ids sort by the time at which entries were made; one may be committed late.' })
  id!: string;

  @Text({ description: 'The log it stands in: `internal`, or `organisation:` and an id.', example: 'internal' })
  log!: string;

  @Instant({ description: 'When it happened.' })
  at!: string;

  @OneOf(['user', 'gateway', 'system'], { description: 'What kind of actor.' })
  actorKind!: string;

  @Text({ description: 'The actor.' })
  actorId!: string;

  @Text({ description: 'The name the actor had then.' })
  actorName!: string;

  @Text({ description: 'What was done.', example: 'agreement.signed_by_party' })
  action!: string;

  @Text({ description: 'What kind of thing it was done to.', example: 'agreement' })
  subjectKind!: string;

  @Text({ description: 'That thing.' })
  subjectId!: string;

  @JsonObject({ description: 'What the entry says in detail; null when it was erased.', nullable: true })
  detail!: object | null;

  @Text({ description: 'The salt under which the entry commits to its detail, hex.', nullable: true })
  salt!: string | null;

  @Text({ description: 'The canonical bytes of the entry, as text (RFC 8785).', max: 4000 })
  canonical!: string;

  @Text({ description: 'RFC 6962 leaf hash of the canonical bytes, hex.' })
  leafHash!: string;
}
