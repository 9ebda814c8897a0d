import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { By } from '../http/by.js';
import { Page } from '../http/paging.js';
import { Answers, IdParam, NumberParam, Permit, Sends } from '../http/route.js';
import { Actor } from '../kernel/actor.js';
import { VersionAnswer } from './agreements.dto.js';
import { VersionReadings, VersionView } from './version-readings.js';

/** The executed versions of an agreement, and what each is handed out as. */
@ApiTags('agreements')
@Controller('v1/agreements')
export class VersionsController {
  constructor(private readonly versions: VersionReadings) {}

  @Get(':id/versions')
  @Permit('agreement.read')
  @Answers('The executed versions, newest first: each holds until the next one does.', VersionAnswer, {
    page: true,
    problems: ['not_found'],
  })
  list(@By() actor: Actor, @IdParam() id: string): Promise<Page<VersionView>> {
    return this.versions.list(actor, id);
  }

  @Get(':id/versions/:number')
  @Permit('agreement.read')
  @Answers('One executed version, with its terms and prose.', VersionAnswer, { problems: ['not_found'] })
  find(@By() actor: Actor, @IdParam() id: string, @NumberParam('number') number: number): Promise<VersionView> {
    return this.versions.find(actor, id, number);
  }

  @Get(':id/versions/:number/evidence')
  @Permit('evidence.read')
  @Sends('The sealed evidence of one version; `parley verify evidence FILE` checks it offline.', 'application/json', [
    'not_found',
  ])
  evidenceOf(@By() actor: Actor, @IdParam() id: string, @NumberParam('number') number: number): Promise<string> {
    return this.versions.evidence(actor, id, number);
  }

  @Get(':id/evidence')
  @Permit('evidence.read')
  @Sends('The sealed evidence of the newest version.', 'application/json', ['not_found'])
  evidence(@By() actor: Actor, @IdParam() id: string): Promise<string> {
    return this.versions.evidence(actor, id, null);
  }

  @Get(':id/versions/:number/odrl')
  @Permit('agreement.read')
  @Sends('The terms of one version as an ODRL 2.2 agreement (JSON-LD).', 'application/ld+json', ['not_found'])
  odrl(@By() actor: Actor, @IdParam() id: string, @NumberParam('number') number: number): Promise<string> {
    return this.versions.odrl(actor, id, number);
  }

  @Get(':id/versions/:number/summary')
  @Permit('agreement.read')
  @Sends('The terms of one version in plain language (Markdown).', 'text/markdown; charset=utf-8', ['not_found'])
  summary(@By() actor: Actor, @IdParam() id: string, @NumberParam('number') number: number): Promise<string> {
    return this.versions.summary(actor, id, number);
  }
}
