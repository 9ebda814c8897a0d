import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import { AppModule } from './app.module.js';
import { Sealer } from './audit/seal.js';
import { applicationOptions } from './data-source.js';
import { describeGateway } from './gateway/gateway.openapi.js';
import { openApiDocument } from './http/openapi.js';
import { SystemClock } from './kernel/clock.js';
import { readConfiguration } from './kernel/configuration.js';

/** The API's document from an application in preview: its routes are known, but nothing is made and nothing connects. */
export async function apiDocument(): Promise<OpenAPIObject> {
  const surroundings = {
    configuration: readConfiguration({}),
    clock: new SystemClock(),
    sealer: Object.create(Sealer.prototype) as Sealer,
    tokenSecret: new Uint8Array(),
    database: applicationOptions('postgres://nowhere', 2, true),
  };
  const app = await NestFactory.create(AppModule.within(surroundings), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  return openApiDocument(app, describeGateway);
}
