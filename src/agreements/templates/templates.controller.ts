import { Body, Controller, Get, HttpStatus, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers, Permit } from '../../http/route.js';
import { WriteRevision } from '../negotiation/negotiation.dto.js';
import { DraftFromTemplate, TemplateAnswer, TemplateList, TemplateQuery } from './templates.dto.js';
import { exampleOf, existingTemplate, FilledTemplate, fillTemplate, Template, templates } from './templates.js';

/** The texts that agreements start from. */
@ApiTags('agreements')
@Controller('v1/templates')
export class TemplatesController {
  /** Read at start, so that a template which does not hold together is told then and not to whoever asks first. */
  private readonly shipped = templates();

  @Get()
  @Permit('agreement.read')
  @Answers('The templates that an agreement can start from, without their texts.', TemplateList)
  list(): { data: readonly Template[] } {
    return { data: this.shipped };
  }

  @Get(':name')
  @Permit('agreement.read')
  @Answers('One template with its text and an example of its parameters.', TemplateAnswer, {
    problems: ['invalid_request', 'not_found'],
  })
  find(@Param('name') name: string, @Query() query: TemplateQuery): Template & { example: object } {
    const template = existingTemplate(name, query.version);
    return { ...template, example: exampleOf(template) };
  }

  @Post(':name/draft')
  @Permit('agreement.create')
  @Answers('Terms and prose made from a template, to send as a new agreement; nothing is kept.', WriteRevision, {
    status: HttpStatus.OK,
    problems: ['invalid_request', 'not_found'],
  })
  draft(@Param('name') name: string, @Body() body: DraftFromTemplate): FilledTemplate {
    return fillTemplate(existingTemplate(name, body.version), body.parameters);
  }
}
