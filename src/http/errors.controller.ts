import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { problems } from '../kernel/problems.js';
import { catalogueUrl } from './problem.js';
import { Public } from './route.js';

/** The error catalogue as a page, so that the `type` of every problem leads somewhere. */
@ApiTags('health')
@Controller(catalogueUrl)
export class ErrorsController {
  @Get()
  @Public()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @ApiOperation({ summary: 'Every problem this API gives, with what it means and what to do.' })
  @ApiOkResponse({ content: { 'text/html': { schema: { type: 'string' } } } })
  page(): string {
    const entries = Object.entries(problems).map(
      ([code, { status, title, meaning }]) =>
        `<h2 id="${code}"><code>${code}</code> ${status}</h2><p><strong>${title}.</strong> ${meaning}</p>`,
    );
    return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Parley: problems</title>
<style>body{font:16px/1.5 system-ui;max-width:46rem;margin:3rem auto;padding:0 1rem}:target{background:#ffd}</style>
<h1>Problems</h1>${entries.join('\n')}</html>`;
  }
}
