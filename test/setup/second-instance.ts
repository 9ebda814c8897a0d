import { AddressInfo } from 'node:net';
import { GatewayServer } from '../../src/gateway/gateway.server.js';
import { applicationOver, Stage } from './stage.js';

/** Another node over a stage's database, with the stage's clock. Stop it before the stage. */
export async function openSecondInstance(
  stage: Stage,
  databaseUrl = stage.ownerUrl,
): Promise<Pick<Stage, 'app' | 'apiUrl' | 'gatewayUrl' | 'stop'>> {
  const app = await applicationOver(databaseUrl, stage.clock);
  await app.listen(0, '127.0.0.1');
  const gateway = app.get(GatewayServer);
  return {
    app,
    apiUrl: `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`,
    gatewayUrl: `http://127.0.0.1:${await gateway.listen(0, '127.0.0.1')}`,
    stop: async () => {
      await gateway.close();
      await app.close();
    },
  };
}
