import { DynamicModule, Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LoggerModule } from 'nestjs-pino';
import { DataSourceOptions } from 'typeorm';
import { TokenSecret } from './access/access-tokens.js';
import { AccessModule } from './access/access.module.js';
import { AgreementsModule } from './agreements/agreements.module.js';
import { AuditModule } from './audit/audit.module.js';
import { Sealer } from './audit/seal.js';
import { CampaignsModule } from './campaigns/campaigns.module.js';
import { RunsModule } from './campaigns/runs/runs.module.js';
import { FindingsModule } from './findings/findings.module.js';
import { GatewayModule } from './gateway/gateway.module.js';
import { ReceiptsModule } from './gateway/receipts/receipts.module.js';
import { HttpModule } from './http/http.module.js';
import { Clock } from './kernel/clock.js';
import { Config, Configuration } from './kernel/configuration.js';
import { withoutKeys } from './keys/key-string.js';
import { KeysModule } from './keys/keys.module.js';
import { PartnersModule } from './partners/partners.module.js';
import { QuotasModule } from './quotas/quotas.module.js';
import { ReconciliationModule } from './reconciliation/reconciliation.module.js';
import { SuspensionsModule } from './suspensions/suspensions.module.js';
import { UsageModule } from './usage/usage.module.js';

/** What the application is given from outside: settings, time, secrets and a database. */
export interface Surroundings {
  configuration: Configuration;
  clock: Clock;
  sealer: Sealer;
  tokenSecret: Uint8Array;
  database: DataSourceOptions;
}

/** The whole application. */
@Global()
@Module({})
export class AppModule {
  static within({ configuration, clock, sealer, tokenSecret, database }: Surroundings): DynamicModule {
    const given = [
      { provide: Config, useValue: { values: configuration } },
      { provide: Clock, useValue: clock },
      { provide: Sealer, useValue: sealer },
      { provide: TokenSecret, useValue: { bytes: tokenSecret } },
    ];
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRoot({ pinoHttp: [logging(configuration), process.stderr] }),
        TypeOrmModule.forRoot({ ...database, retryAttempts: 0 }),
        ReceiptsModule,
        HttpModule,
        AuditModule,
        AccessModule,
        SuspensionsModule,
        PartnersModule,
        AgreementsModule,
        CampaignsModule,
        RunsModule,
        KeysModule,
        QuotasModule,
        FindingsModule,
        GatewayModule,
        UsageModule,
        ReconciliationModule,
      ],
      providers: given,
      exports: given.map(({ provide }) => provide),
    };
  }
}

/** One structured line a request, without headers that carry secrets and without bodies. */
function logging({ logLevel }: Configuration) {
  return {
    level: logLevel,
    redact: {
      paths: [
        'req.headers.authorization',
        'req.headers.cookie',
        'req.headers["x-api-key"]',
        'res.headers["set-cookie"]',
      ],
      remove: true,
    },
    serializers: { req: withoutKeysInAddress },
    // Bodies hold passwords, keys and tokens; they are never logged. Health checks would drown everything else.
    autoLogging: { ignore: (request: { url?: string }) => request.url?.startsWith('/health') === true },
  };
}

interface LoggedRequest {
  url: string;
  query?: unknown;
  params?: unknown;
}

/** A client that puts its key into an address must not have it kept; the address says what its parts would say again. */
function withoutKeysInAddress({ query: _query, params: _params, url, ...request }: LoggedRequest) {
  return { ...request, url: withoutKeys(url) };
}
