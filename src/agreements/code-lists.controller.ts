import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PROHIBITED_USES, PROHIBITED_USES_VERSION } from '../terms/prohibited-uses.js';
import { PURPOSES, PURPOSES_VERSION } from '../terms/purposes.js';
import { termsSchema } from '../terms/drafting/schema.js';
import { Public } from '../http/route.js';

/** The code lists and the schema that terms are written with, open to everyone who drafts. */
@ApiTags('terms')
@Controller('v1')
export class CodeListsController {
  @Get('purposes')
  @Public()
  @ApiOperation({ summary: 'The purposes that an agreement may permit, each with label, definition and source.' })
  @ApiOkResponse({ content: { 'application/json': { schema: { type: 'object' } } } })
  purposes(): object {
    return { version: PURPOSES_VERSION, data: PURPOSES };
  }

  @Get('prohibited-uses')
  @Public()
  @ApiOperation({ summary: 'The uses that an agreement may prohibit, each with label, definition and source.' })
  @ApiOkResponse({ content: { 'application/json': { schema: { type: 'object' } } } })
  prohibitedUses(): object {
    return { version: PROHIBITED_USES_VERSION, data: PROHIBITED_USES };
  }

  @Get('terms-schema')
  @Public()
  @ApiOperation({ summary: 'The JSON Schema of `parley-terms/1`.' })
  @ApiOkResponse({ content: { 'application/json': { schema: { type: 'object' } } } })
  schema(): object {
    return termsSchema;
  }
}
