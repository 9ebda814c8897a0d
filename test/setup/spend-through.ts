import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayProcesses } from './gateway-processes.js';
import { callers } from './load-client.js';
import { Spending } from './spending.js';

/** How many ask at once. */
const callersMax = 64;

/** How many refusals show that what is left is in the hands of other nodes. */
const refusalsEnough = 200;

/** For how long what other nodes have on loan may be kept from a question, in milliseconds. */
const loanMax = 12_000;

/** Asks all nodes for any size up to so many units, while it holds, and until many were refused. */
export function spendThrough(
  processes: GatewayProcesses,
  spending: Spending,
  sizeMax: number,
  holds: () => boolean = () => true,
): Promise<void> {
  const refused = () => spending.refused.quota_exhausted ?? 0;
  const enough = refused() + refusalsEnough;
  return callers(callersMax, async (caller) => {
    await askOne(processes, spending, { caller, size: randomInt(1, sizeMax + 1) });
    return holds() && refused() < enough;
  });
}

/** Asks all nodes for single units, until all of a limit is spent or no loan can be outstanding any more. */
export async function spendTheRest(processes: GatewayProcesses, spending: Spending, limit: number): Promise<void> {
  const deadline = performance.now() + loanMax;
  await callers(2 * processes.urls.length, async (caller) => {
    await askOne(processes, spending, { caller, size: 1 });
    return spending.given < limit && performance.now() < deadline;
  });
}

/** Asks the node of a caller; as a balancer does, it lets one alone for a moment that is gone. */
async function askOne(
  processes: GatewayProcesses,
  spending: Spending,
  { caller, size }: { caller: number; size: number },
): Promise<void> {
  const node = caller % processes.urls.length;
  if (processes.runs(node)) await spending.ask(node, size);
  else await sleep(20);
}
