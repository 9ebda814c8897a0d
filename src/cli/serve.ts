import { readConfiguration } from '../kernel/configuration.js';
import { migrate, openDatabase, Service, startService } from '../service.js';

/** How long a stop may take in all, in milliseconds: less than supervisors wait before they kill. */
const stopMax = 20_000;

/** Serves until it is told to stop; then answers what is under way and leaves no process behind. */
export async function serve(options: { role?: string }): Promise<void> {
  const begun = performance.now();
  const configuration = readConfiguration({ ...process.env, ...(options.role && { PARLEY_ROLE: options.role }) });
  const database = await openDatabase(configuration, (error) => {
    process.stderr.write(`parley: the database is lost: ${error.message}\n`);
    process.exit(1);
  });
  let service: Service;
  try {
    await migrate(database.url);
    service = await startService(configuration, database.url);
  } catch (error) {
    await database.stop();
    throw error;
  }
  announce(service, performance.now() - begun);
  await signalled();
  process.stdout.write('Stopping: requests under way are being answered.\n');
  giveUpLater();
  await service.stop();
  await database.stop();
  process.stdout.write('Stopped.\n');
  // A connection to a database that does not answer would keep the process for as long as the network lets it.
  process.exit();
}

/**
 * Ends the process where it cannot stop in order, and keeps it until then: all else that it waits for when its database
 * is away does not. What a node decided and could not write down stays reserved by its leases, and is told as a finding.
 */
function giveUpLater(): void {
  setTimeout(() => {
    process.stderr.write(
      'parley: it could not stop in order in time; what was lent to this node goes to quarantine.\n',
    );
    process.exit(1);
  }, stopMax);
}

function announce({ apiUrl, gatewayUrl, invitation }: Service, milliseconds: number): void {
  const lines = [
    `Parley is ready after ${(milliseconds / 1000).toFixed(1)} s.`,
    ...(apiUrl ? [`  REST API  ${apiUrl}   (read ${apiUrl}/docs)`] : []),
    ...(gatewayUrl ? [`  Gateway   ${gatewayUrl}`] : []),
    ...(invitation && apiUrl ? invitationLines(invitation, apiUrl) : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function invitationLines(invitation: string, apiUrl: string): string[] {
  return [
    '',
    'This database has no users. Accept this invitation, which works once, to become its administrator:',
    `  curl ${apiUrl}/v1/invitations/accept -H 'Content-Type: application/json' \\`,
    `    -d '{"token":"${invitation}","email":"you@lab.example","name":"Your Name","password":"a long password"}'`,
    '',
  ];
}

/** Resolves at the first SIGINT or SIGTERM. Further ones are ignored: a stop under way is not to be cut short. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
}
