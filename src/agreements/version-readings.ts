import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findOwned } from '../audit/owned.js';
import { Page } from '../http/paging.js';
import { Actor } from '../kernel/actor.js';
import { Refusal } from '../kernel/refusal.js';
import { AgreementParty, ProseClause } from '../terms/digest.js';
import { odrlAgreement } from '../terms/exporting/odrl.js';
import { summaryOf, summaryText } from '../terms/exporting/summary.js';
import { AgreementVersion } from './agreement-version.entity.js';
import { Agreement } from './agreement.entity.js';
import { AgreementRevision } from './negotiation/agreement-revision.entity.js';
import { expiryOf } from './status.js';
import { VersionHead, VersionsService } from './versions.service.js';

/** A version with the end that follows from the next one, or from the agreement's. */
export type VersionView = VersionHead & { effectiveUntil: Date; prose: ProseClause[] | null };

/** Hands out the executed versions of an agreement: as data, evidence, ODRL and plain language. */
@Injectable()
export class VersionReadings {
  constructor(
    private readonly database: DataSource,
    private readonly versions: VersionsService,
  ) {}

  /** Every version, newest first. There are as many as were signed, so they are one page. */
  async list(actor: Actor, id: string): Promise<Page<VersionView>> {
    const agreement = await findOwned(this.database, Agreement, actor, id);
    const versions = await this.dated(agreement);
    return { data: versions.toReversed().map((version) => ({ ...version, prose: null })), nextCursor: null };
  }

  async find(actor: Actor, id: string, number: number): Promise<VersionView> {
    const agreement = await findOwned(this.database, Agreement, actor, id);
    const version = (await this.dated(agreement)).find((one) => one.number === number);
    if (!version) throw new Refusal('not_found');
    const { textId, digest } = version;
    const { prose } = await this.database.manager.findOneByOrFail(AgreementRevision, { textId, digest });
    return { ...version, prose };
  }

  /** The sealed bundle of a version, the newest where none is named, byte for byte as it was sealed. */
  async evidence(actor: Actor, id: string, number: number | null): Promise<string> {
    return (await this.version(actor, id, number)).evidence.toString();
  }

  /** A version’s terms as an ODRL 2.2 agreement, in JSON-LD. */
  async odrl(actor: Actor, id: string, number: number): Promise<string> {
    return JSON.stringify(odrlAgreement(exported(await this.version(actor, id, number))), null, 2);
  }

  /** A version’s terms in plain language, in Markdown. */
  async summary(actor: Actor, id: string, number: number): Promise<string> {
    return summaryText(summaryOf(exported(await this.version(actor, id, number))));
  }

  private async version(actor: Actor, id: string, number: number | null): Promise<AgreementVersion> {
    const agreement = await findOwned(this.database, Agreement, actor, id);
    const { manager } = this.database;
    if (number !== null) return this.versions.numbered(manager, agreement.id, number);
    const newest = await this.versions.newest(manager, agreement.id);
    if (!newest) throw new Refusal('not_found');
    return newest;
  }

  /** A version ends where the next begins, where its term does, or where the agreement does: whichever comes first. */
  private async dated({ id, endedAt }: Agreement): Promise<Omit<VersionView, 'prose'>[]> {
    const versions = (await this.versions.of(this.database.manager, [id])).get(id) ?? [];
    return versions.map((version, index) => {
      const ends = [expiryOf(version.terms), versions[index + 1]?.effectiveFrom, endedAt];
      const effectiveUntil = ends.filter((end) => end instanceof Date).toSorted((one, other) => +one - +other)[0]!;
      return { ...version, effectiveUntil };
    });
  }
}

/** What the exports say of a version; the parties are as the signed document names them. */
function exported({ agreementId, number, digest, effectiveFrom, canonical, terms }: AgreementVersion) {
  const { parties } = JSON.parse(canonical.toString()) as { parties: AgreementParty[] };
  return { agreementId, number, digest, effectiveFrom, parties, terms };
}
