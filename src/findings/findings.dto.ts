import { Count, Id, Instant, ListOfTexts, OneOf, Text } from '../http/fields.js';
import { PageQuery } from '../http/paging.js';
import { severities } from './finding.entity.js';

/** Which findings to list. */
export class FindingQuery extends PageQuery {
  @Id({ description: 'Only those under this agreement.', optional: true })
  agreementId?: string;

  @Text({ description: 'Only those of this rule.', optional: true, example: 'quota_exceeded' })
  rule?: string;
}

/** A discrepancy between what was agreed and what happened. */
export class FindingAnswer {
  @Id({ description: 'The finding.' })
  id!: string;

  @Id({ description: 'The agreement.' })
  agreementId!: string;

  @Text({ description: 'The rule that found it.', example: 'quota_exceeded' })
  rule!: string;

  @Count({ description: 'The version of that rule.' })
  ruleVersion!: number;

  @OneOf(severities, { description: 'How grave, as the rule says.' })
  severity!: string;

  @Text({ description: 'What kind of thing it is about.', example: 'key' })
  subjectKind!: string;

  @Text({ description: 'Which one.' })
  subjectId!: string;

  @OneOf(['day', 'month'], { description: 'How long the period is that it was found in.' })
  periodKind!: string;

  @Instant({ description: 'The start of the period it was found in.' })
  periodStartsAt!: string;

  @Text({ description: 'The clause that was not kept.' })
  clauseRef!: string;

  @Text({ description: 'What the clause asks for.', max: 2000 })
  expected!: string;

  @Text({ description: 'What was met instead.', max: 2000 })
  observed!: string;

  @Count({ description: 'By how much, in `unit`.' })
  delta!: number;

  @Text({ description: 'The unit of `delta`.' })
  unit!: string;

  @Count({ description: 'How many times.' })
  occurrences!: number;

  @ListOfTexts({ description: 'The first few occurrences.' })
  evidence!: string[];

  @Text({ description: 'Digest of the agreement version judged by.' })
  termsDigest!: string;

  @Text({ description: 'Merkle root of the usage events judged.' })
  usageDigest!: string;

  @Instant({ description: 'When it was first found.' })
  foundAt!: string;
}
