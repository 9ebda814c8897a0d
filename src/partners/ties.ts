import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';

/** Something that still binds a partner organisation: it must end before the organisation can be offboarded. */
export interface Tie {
  /** What kind of thing: `key`, say. */
  kind: string;
  /** Its id. */
  id: string;
  /** What it is and what would end it, in a sentence. */
  detail: string;
}

/** Reads what binds an organisation at an instant, with the manager that it is given: it may be a change's. */
export type TieReader = (manager: EntityManager, organisationId: string, at: Date) => Promise<Tie[]>;

/** What binds partners. Such things lie in folders to the right of this one, so each registers its reader at start. */
@Injectable()
export class PartnerTies {
  private readonly readers: TieReader[] = [];

  register(reader: TieReader): void {
    this.readers.push(reader);
  }

  /** Everything that binds an organisation at an instant, reader by reader in the order in which they registered. */
  async of(manager: EntityManager, organisationId: string, at: Date): Promise<Tie[]> {
    const ties: Tie[] = [];
    // One after the other: a change has one connection.
    for (const read of this.readers) ties.push(...(await read(manager, organisationId, at)));
    return ties;
  }
}
