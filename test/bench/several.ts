import { cpus } from 'node:os';
import { join } from 'node:path';
import { GatewayProcesses, gatewayProcesses } from '../setup/gateway-processes.js';
import { oneLimit } from '../setup/spending.js';
import { onPlace, Place } from './place.js';

/** The command that lies beside this program, compiled with it. */
const command = join(import.meta.dirname, '../../src/cli.js');

/** A place with one limit for each model, and gateway processes over it. */
export function onSeveral<T>(
  { limit, count }: { limit: number; count: number },
  measure: (place: Place, processes: GatewayProcesses) => Promise<T>,
): Promise<T> {
  const withProcesses = async (place: Place) => {
    const { environment } = place;
    const processes = await gatewayProcesses(place.databaseUrl, count, { command, environment });
    try {
      return await measure(place, processes);
    } finally {
      await processes.end();
    }
  };
  return onPlace(0, withProcesses, oneLimit(limit));
}

/** The processor seconds that everything on this machine took since it started. */
export function machineSeconds(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0) / 1_000;
}
