import { Injectable, OnModuleInit } from '@nestjs/common';
import { EntityManager, In } from 'typeorm';
import { Change } from '../../audit/change.js';
import { day } from '../../kernel/clock.js';
import { Agreement } from '../agreement.entity.js';
import { Amendment } from '../amendments/amendment.entity.js';
import { NegotiatedText } from '../negotiation/negotiated-text.js';
import { keepMove } from '../negotiation/transitions.js';
import { expiryOf, lastToHold } from '../status.js';
import { VersionHead, VersionsService } from '../versions.service.js';
import { Boundary, Sweeper } from './sweeper.js';

/** How many days before its end an agreement is brought to mind, so that it can be renewed by amendment. */
export const reminderDays = [90, 30, 7] as const;

/** The boundaries of agreements and amendments: entering into force, expiring, reminders, and unsigned texts lapsing. */
@Injectable()
export class AgreementBoundaries implements OnModuleInit {
  constructor(
    private readonly sweeper: Sweeper,
    private readonly versions: VersionsService,
  ) {}

  onModuleInit(): void {
    this.sweeper.register((manager, at) => this.ofVersions(manager, at));
    this.sweeper.register((manager, at) => unsigned(manager, at));
  }

  private async ofVersions(manager: EntityManager, at: Date): Promise<Boundary[]> {
    const agreements = await manager.findBy(Agreement, { state: In(['executed', 'terminated', 'superseded']) });
    const versions = await this.versions.of(
      manager,
      agreements.map(({ id }) => id),
    );
    return agreements.flatMap((agreement) =>
      boundariesOf(agreement, versions.get(agreement.id)!).filter(({ boundary }) => boundary <= at),
    );
  }
}

/** What the dates of an agreement bring about, past and future. What lies beyond its end never comes. */
export function boundariesOf(agreement: Agreement, versions: readonly VersionHead[]): Boundary[] {
  const { subject, endedAt } = agreement;
  const expiresAt = expiryOf(lastToHold(versions).terms);
  const end = endedAt !== null && endedAt < expiresAt ? endedAt : expiresAt;
  const begun = versions.map(({ number, effectiveFrom: boundary, digest }) => {
    const event = number === 1 ? 'agreement.entered_into_force' : 'amendment.took_effect';
    return { subject, event, boundary, detail: { version: number, digest } };
  });
  const reminders = reminderDays.map((days) => {
    const boundary = new Date(expiresAt.getTime() - days * day);
    return { subject, event: 'agreement.expiry_near', boundary, detail: { days, expiresAt } };
  });
  const expiry = { subject, event: 'agreement.expired', boundary: expiresAt };
  const within = [...begun, ...reminders.filter(({ boundary }) => boundary >= versions[0]!.effectiveFrom)];
  return [...within.filter(({ boundary }) => boundary < end), ...(end === expiresAt ? [expiry] : [])];
}

/** Texts whose time for signing has run out. */
async function unsigned(manager: EntityManager, at: Date): Promise<Boundary[]> {
  const waiting = (text: NegotiatedText) => text.signBy !== null && text.signBy <= at;
  const where = { state: 'out_for_signature' as const };
  const agreements = (await manager.findBy(Agreement, where)).filter(waiting);
  const amendments = (await manager.findBy(Amendment, where)).filter(waiting);
  return [
    ...agreements.map((text) => lapsing(text, (change) => change.lock(Agreement, text.id))),
    ...amendments.map((text) =>
      lapsing(text, async (change) => {
        await change.lock(Agreement, text.agreementId);
        return change.lock(Amendment, text.id);
      }),
    ),
  ];
}

function lapsing(found: NegotiatedText, hold: (change: Change) => Promise<NegotiatedText>): Boundary {
  return {
    subject: found.subject,
    event: `${found.moves.thing}.lapsed`,
    boundary: found.signBy!,
    apply: async (change) => {
      const text = await hold(change);
      // Signed, reopened or released anew since it was read.
      if (text.signBy?.getTime() !== found.signBy!.getTime()) return false;
      text.move('lapse');
      await change.save(text);
      await keepMove(change, text, { command: 'lapse', from: 'out_for_signature' });
      return true;
    },
  };
}
