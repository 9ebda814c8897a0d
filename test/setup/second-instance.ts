import { AddressInfo } from 'node:net';
import { applicationOptions } from '../../src/data-source.js';
import { GatewayServer } from '../../src/gateway/gateway.server.js';
import { readConfiguration } from '../../src/kernel/configuration.js';
import { createApplication } from '../../src/service.js';
import { Stage, testSealer } from './stage.js';

/** Another node over a stage's database, with the stage's clock. Stop it before the stage. */
export async function openSecondInstance(
  stage: Stage,
  databaseUrl = stage.ownerUrl,
): Promise<Pick<Stage, 'apiUrl' | 'gatewayUrl' | 'stop'>> {
  const app = await createApplication({
    configuration: readConfiguration({ PARLEY_LAB_NAME: 'Example Lab Inc.', PARLEY_LOG_LEVEL: 'silent' }),
    clock: stage.clock,
    sealer: testSealer,
    tokenSecret: Buffer.from('a secret of the tests, long enough to sign with'),
    database: applicationOptions(databaseUrl, 10, false),
  });
  await app.listen(0, '127.0.0.1');
  const gateway = app.get(GatewayServer);
  return {
    apiUrl: `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`,
    gatewayUrl: `http://127.0.0.1:${await gateway.listen(0, '127.0.0.1')}`,
    stop: async () => {
      await gateway.close();
      await app.close();
    },
  };
}
