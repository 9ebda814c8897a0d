import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { Type } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor } from '../../../src/kernel/actor.js';
import { openStage, Stage } from '../../setup/stage.js';
import { nothingId, people, Person, strangersId } from '../people.js';
import { Side } from '../people.js';

/** A text of the system: its id and which service it is of. */
export interface RealText {
  id: string;
  thing: 'agreement' | 'amendment';
}

/** What a run has made so far, by position. */
interface Made {
  texts: RealText[];
  contacts: string[];
  notices: string[];
  terminations: string[];
  suspensions: string[];
  delegations: string[];
}

/** The system under test, as a run drives it: its services over a real database, with actors made up for the roles. */
export class System {
  organisationId = nothingId;
  legalName = '';
  made: Made = nothingMade();
  /** The digests of the revisions of each text, in their order, as they were seen after the last command. */
  digests: string[][] = [];
  /** The newest entry of the log and of the histories that was looked at. */
  seen = { entry: nothingId, move: nothingId };
  private base = 0;

  private constructor(
    readonly stage: Stage,
    /** The owner's connection: for looking, and for taking the traces of a run away before the next. */
    readonly owner: Client,
  ) {}

  static async open(): Promise<System> {
    const stage = await openStage();
    const owner = new Client({ connectionString: stage.ownerUrl });
    await owner.connect();
    await owner.query('SET synchronous_commit = off');
    const system = new System(stage, owner);
    await system.settle();
    return system;
  }

  get<T>(service: Type<T>): T {
    return this.stage.app.get(service);
  }

  /** An instant of the run as a date. */
  instant = (at: number): Date => new Date(this.base + at);

  /** A date as an instant of the run. */
  sinceBegin(milliseconds: number): number {
    return milliseconds - this.base;
  }

  /** Somebody as an actor who proved who they are so long ago. */
  actor({ id, name, side, roles, stranger }: Person, provedAgo: number | null = 0): Actor {
    const own = stranger ? strangersId : this.organisationId;
    const authenticatedAt = provedAgo === null ? null : new Date(this.stage.clock.now().getTime() - provedAgo);
    const organisationId = side === 'lab' ? null : own;
    return { kind: 'user', id, name, side, organisationId, roles: roles as Actor['roles'], authenticatedAt };
  }

  /** Begins a run: nothing is left of the one before, and the clock has moved on. */
  async begin(): Promise<void> {
    await this.forget();
    this.stage.clock.advance(1_000);
    this.base = this.stage.clock.now().getTime();
    this.organisationId = nothingId;
    this.legalName = `Rival ${randomBytes(6).toString('hex')}`;
    this.made = nothingMade();
    this.digests = [];
    this.seen = { entry: strangersId, move: strangersId };
  }

  async stop(): Promise<void> {
    await this.owner.end();
    await this.stage.stop();
  }

  /** People that services look up, and a commit that does not wait for a disk: nothing here outlives the test. */
  private async settle(): Promise<void> {
    const database = this.get(DataSource);
    const runners = Array.from({ length: 6 }, () => database.createQueryRunner());
    for (const runner of runners) await runner.query('SET synchronous_commit = off');
    for (const runner of runners) await runner.release();
    await this.owner.query('SET session_replication_role = replica');
    await this.owner.query(
      `INSERT INTO partner_organisation (id, organisation_id, legal_name, country, email_domains, competitor, networks,
         state, created_at, version) VALUES ($1, $1, 'Strangers', 'DE', '{}', true, '{}', 'active', now(), 1)`,
      [strangersId],
    );
    for (const { id, email, name, side, roles } of people) {
      await this.owner.query(
        `INSERT INTO user_account (id, email, name, side, organisation_id, roles, created_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, now(), 1)`,
        [id, email, name, side, organisationOf(side), roles],
      );
    }
  }

  /** Takes the rows of the last run away, so that what a sweep reads does not grow from run to run. */
  private async forget(): Promise<void> {
    const gone = runTables.map((table) => `DELETE FROM ${table}`);
    await this.owner.query([...gone, `DELETE FROM partner_organisation WHERE id <> '${strangersId}'`].join('; '));
  }
}

const organisationOf = (side: Side) => (side === 'lab' ? null : strangersId);

const nothingMade = (): Made => ({
  texts: [],
  contacts: [],
  notices: [],
  terminations: [],
  suspensions: [],
  delegations: [],
});

/** The tables that a run writes. */
const runTables = [
  'agreement_version',
  'agreement_signature',
  'agreement_approval',
  'agreement_revision',
  'text_transition',
  'boundary_event',
  'termination',
  'notice',
  'suspension',
  'approval_delegation',
  'amendment',
  'agreement',
  'partner_check',
  'partner_contact',
  'audit_detail',
  'audit_entry',
];
