import { Controller, Get, Header, Injectable, NestMiddleware } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { NextFunction, Request, Response } from 'express';
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import { Public } from './route.js';

/** The process's metrics. One registry a process: its listeners count into the same figures. */
export const registry = new Registry();
collectDefaultMetrics({ register: registry });

const requestSeconds = new Histogram({
  name: 'parley_http_request_seconds',
  help: 'Time to answer a request, by method, route and status.',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  registers: [registry],
});

/** Decisions at the gateway, by outcome code. */
export const decisionsTotal = new Counter({
  name: 'parley_decisions_total',
  help: 'Admission decisions, by code.',
  labelNames: ['code'],
  registers: [registry],
});

/** Usage events taken in, by what became of each. */
export const usageEventsTotal = new Counter({
  name: 'parley_usage_events_total',
  help: 'Usage events received, by result.',
  labelNames: ['result'],
  registers: [registry],
});

/** Times every request under the pattern of its route, never its path, so that ids do not become labels. */
@Injectable()
export class MetricsMiddleware implements NestMiddleware {
  use(request: Request, response: Response, next: NextFunction): void {
    const end = requestSeconds.startTimer({ method: request.method });
    response.once('finish', () => {
      const route = (request.route as { path?: string } | undefined)?.path ?? 'none';
      end({ route, status: response.statusCode });
    });
    next();
  }
}

@ApiTags('health')
@Controller('metrics')
export class MetricsController {
  @Get()
  @Public()
  @Header('Content-Type', registry.contentType)
  @ApiOperation({ summary: 'Metrics in the Prometheus text format. Keep it from the public at your proxy.' })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  metrics(): Promise<string> {
    return registry.metrics();
  }
}
