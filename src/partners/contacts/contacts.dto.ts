import { Email, Id, Instant, OneOf, Text } from '../../http/fields.js';
import { contactKinds } from './partner-contact.entity.js';

/** Whom to reach for what. */
export class ContactShape {
  @OneOf(contactKinds, { description: 'What for.' })
  kind!: (typeof contactKinds)[number];

  @Text({ description: 'The person’s or office’s name.', example: 'General Counsel' })
  name!: string;

  @Email({ description: 'Where to write.', example: 'notices@rival.example' })
  email!: string;
}

/** A contact as it is kept. */
export class ContactAnswer extends ContactShape {
  @Id({ description: 'The contact.' })
  id!: string;

  @Text({ description: 'Who added it: a user’s id, or `system`.' })
  addedBy!: string;

  @Instant({ description: 'When it was added.' })
  addedAt!: string;

  @Instant({ description: 'When it was removed; null while it is in force.', nullable: true })
  removedAt!: string | null;
}
