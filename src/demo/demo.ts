import cliProgress from 'cli-progress';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailure } from '../cli/failure.js';
import { day, hour, minute, SettableClock } from '../kernel/clock.js';
import { readConfiguration } from '../kernel/configuration.js';
import { migrate, openDatabase, startService } from '../service.js';
import { Contract, signContract } from './contract.js';
import { planOf } from './misuse.js';
import { Figures, reportResults } from './results.js';
import { loadHour, TracedRequest } from './trace.js';
import { GatewayOfTheStory, Traffic } from './traffic.js';

interface Options {
  data?: string;
  out: string;
  json?: boolean;
}

/** A service that the story is played on, with a clock that the story moves. */
interface Stage {
  apiUrl: string;
  gatewayUrl: string;
  invitation: string;
  clock: SettableClock;
}

/** Plays one agreement from first contact to a signed statement, over HTTP, on a database made for it. */
export async function demo({ data, out, json }: Options): Promise<void> {
  const begun = performance.now();
  const requests = loadHour(data);
  // The hour is the last one of the last whole day, so that its day can be closed now.
  const dayEnds = Math.floor(Date.now() / day) * day;
  const startsAt = new Date(dayEnds - hour);
  const told = await onStage(new Date(dayEnds - 3 * hour), async (stage) => {
    const plan = planOf(requests);
    const until = new Date(startsAt.getTime() + requests[plan.overFrom]!.offset);
    const codeRequests = Math.floor(requests.filter(({ kind }) => kind === 'code').length * 0.9);
    const from = new Date(dayEnds - 2 * hour);
    const contract = await signContract({ ...stage, from, until, codeRequests, tell });
    stage.clock.moveTo(startsAt);
    const traffic = await playTraffic(stage, contract, requests, startsAt);
    stage.clock.moveTo(new Date(Math.max(Date.now(), dayEnds + minute)));
    tell('The day is closed into a statement, which is verified from the files alone.');
    const outcome = { contract, traffic, codeRequests, out, date: startsAt.toISOString().slice(0, 10) };
    return reportResults(outcome, begun);
  });
  if (json) process.stdout.write(`${JSON.stringify(told.figures)}\n`);
  assertAsTold(told);
}

/** A fresh service over a fresh database, taken down and away afterwards. */
async function onStage<T>(setupAt: Date, play: (stage: Stage) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'parley-demo-'));
  // As root the database runs as another user, who must be able to walk through to its own directory.
  chmodSync(directory, 0o711);
  const configuration = readConfiguration({
    PARLEY_DATA: join(directory, 'data'),
    PARLEY_PORT: '0',
    PARLEY_GATEWAY_PORT: '0',
    PARLEY_LAB_NAME: 'Example Lab Inc.',
    PARLEY_LOG_LEVEL: 'error',
  });
  tell('A fresh database and service start.');
  const database = await openDatabase(configuration);
  try {
    await migrate(database.url);
    const clock = new SettableClock(setupAt);
    const service = await startService(configuration, database.url, clock);
    try {
      const { apiUrl, gatewayUrl, invitation } = service;
      return await play({ apiUrl: apiUrl!, gatewayUrl: gatewayUrl!, invitation: invitation!, clock });
    } finally {
      await service.stop();
    }
  } finally {
    await database.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function playTraffic(
  { apiUrl, gatewayUrl, clock }: Stage,
  { cast, keys, gatewayCredential }: Contract,
  requests: readonly TracedRequest[],
  startsAt: Date,
): Promise<Traffic> {
  tell(`The gateway replays an hour of ${requests.length.toLocaleString('en')} requests.`);
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: '  {bar} {percentage}% · {value} of {total} requests · {duration} s',
    barsize: 30,
  });
  bar.start(requests.length, 0);
  const revoke = async () => {
    await cast.compliance.post(`/v1/keys/${keys[2]!.id}/revocation`, { reason: 'Found in a public repository.' });
  };
  const traffic = await new GatewayOfTheStory({
    requests,
    startsAt,
    clock,
    gatewayUrl,
    apiUrl,
    keys,
    revoke,
    credential: gatewayCredential,
    plan: planOf(requests),
    progress: (done) => bar.update(done),
  }).run();
  bar.stop();
  return traffic;
}

/** Progress goes to standard error, so that standard output is results alone. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

function assertAsTold({ figures, surprises }: { figures: Figures; surprises: string[] }): void {
  if (figures.over_grant !== 0) surprises.push(`${figures.over_grant} units were granted beyond a limit.`);
  if (!figures.statement_verified) surprises.push('The statement does not verify.');
  if (surprises.length > 0) throw new CommandFailure(surprises.join('\n'), 1);
}
