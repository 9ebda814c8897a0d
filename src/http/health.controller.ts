import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { Refusal } from '../kernel/refusal.js';
import { OneOf } from './fields.js';
import { Answers, Public } from './route.js';

class HealthAnswer {
  @OneOf(['ok'], { description: 'Always `ok`; trouble is a 503 problem.', example: 'ok' })
  status!: 'ok';
}

/** What a load balancer asks: is the process alive, and may it be sent work. */
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(private readonly database: DataSource) {}

  @Get('live')
  @Public()
  @Answers('Whether the process runs; it asks nothing else.', HealthAnswer)
  live(): HealthAnswer {
    return { status: 'ok' };
  }

  @Get('ready')
  @Public()
  @Answers('Whether the service and its database can take work.', HealthAnswer)
  async ready(): Promise<HealthAnswer> {
    try {
      await this.database.query('SELECT 1');
    } catch {
      throw new Refusal('temporary_reduced_capacity', 'The database does not answer.', { retryAfterSeconds: 1 });
    }
    return { status: 'ok' };
  }
}
