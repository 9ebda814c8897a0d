import { Count, Id, Instant, ListOfTexts, OneOf, Text } from '../http/fields.js';
import { AgreementQuery } from '../campaigns/campaigns.dto.js';
import { keyRequestStates } from './key-request.entity.js';

/** What a key may be used for: never more than its campaign and agreement allow. */
class KeyScopeShape {
  @ListOfTexts({ description: 'Exact snapshots, of the campaign’s.', min: 1, example: ['atlas-2-2026-03-01'] })
  models!: string[];

  @ListOfTexts({ description: 'Capabilities, of the agreement’s.', min: 1, example: ['sampling'] })
  capabilities!: string[];

  @ListOfTexts({ description: 'Endpoints, of the agreement’s.', min: 1, example: ['messages'] })
  endpoints!: string[];

  @ListOfTexts({ description: 'CIDR blocks; null for wherever the terms allow.', nullable: true, max: 50 })
  networks!: string[] | null;

  @Instant({ description: 'When the key ends; within campaign, agreement and the terms’ lifetime.' })
  expiresAt!: string;
}

/** A request for a key. */
export class SubmitKeyRequest extends KeyScopeShape {
  @Text({ description: 'What it is for.', max: 2000, example: 'Nightly jailbreak suite' })
  justification!: string;
}

/** A request for a key, as it stands. */
export class KeyRequestAnswer extends SubmitKeyRequest {
  @Id({ description: 'The request.' })
  id!: string;

  @Id({ description: 'Its campaign.' })
  campaignId!: string;

  @Id({ description: 'The researcher, who alone may claim the key.' })
  requestedBy!: string;

  @OneOf(keyRequestStates, { description: 'Where it stands. A request lapses after seven days.' })
  state!: string;

  @ListOfTexts({ description: 'The commands that you may give now.' })
  allowedActions!: string[];

  @Count({ description: 'Counts changes; the ETag.' })
  version!: number;
}

/** A key. Its secret is not part of it. */
export class KeyAnswer extends KeyScopeShape {
  @Id({ description: 'The key.' })
  id!: string;

  @Text({ description: 'The part of the key that may be shown; usage names the key by it.' })
  publicId!: string;

  @Id({ description: 'Its agreement.' })
  agreementId!: string;

  @Id({ description: 'Its campaign.' })
  campaignId!: string;

  @Id({ description: 'Its researcher.' })
  researcherId!: string;

  @Instant({ description: 'When it was issued.' })
  issuedAt!: string;

  @Instant({ description: 'When it was revoked.', nullable: true })
  revokedAt!: string | null;

  @Count({ description: 'Counts changes; the ETag.' })
  version!: number;
}

/** A new key with its secret. */
export class ClaimedKeyAnswer extends KeyAnswer {
  @Text({ description: 'The key itself. It is shown this once; nobody can show it again.', nullable: true })
  key!: string | null;
}

/** Why a key ends. */
export class RevokeKey {
  @Text({ description: 'The reason.', max: 2000 })
  reason!: string;
}

/** Which keys to list. */
export class KeyQuery extends AgreementQuery {}
