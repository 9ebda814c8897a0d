import { accessSync, constants, createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { verifyEvidence } from '../agreements/signing/verify-evidence.js';
import { Verdict } from '../audit/verdict.js';
import { parseStrictJson } from '../kernel/strict-json.js';
import { StatementEvent } from '../reconciliation/statement.js';
import { verifyStatement } from '../reconciliation/verify-statement.js';
import { CommandFailure } from './failure.js';

/** Checks an evidence bundle and says in words what held, what did not and what it could not see. */
export function verifyEvidenceFile(file: string): void {
  report(file, verifyEvidence(read(file)));
}

/** Checks a statement; with its events, computes all of it again. */
export async function verifyStatementFile(file: string, eventsFile?: string): Promise<void> {
  // Looked for before anything is judged: events that are not there are no sign of tampering.
  if (eventsFile !== undefined) orFail(eventsFile, () => accessSync(eventsFile, constants.R_OK));
  const events = eventsFile === undefined ? undefined : readEvents(eventsFile);
  report(file, await verifyStatement(read(file), events));
}

function read(file: string): Buffer {
  return orFail(file, () => readFileSync(file));
}

function orFail<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new CommandFailure(`${file} cannot be read: ${(error as { code?: string }).code}`, 2);
  }
}

async function* readEvents(file: string): AsyncGenerator<StatementEvent> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    if (line !== '') yield parseStrictJson(line) as StatementEvent;
  }
}

function report(file: string, { findings, beyond, sealedBy, usable }: Verdict): void {
  const whole = findings.every(({ holds }) => holds);
  const lines = [
    ...findings.map(({ says, holds }) => `  ${holds ? 'yes' : 'NO '}  ${says}`),
    ...beyond.map((says) => `  ?    ${says}`),
    ...(sealedBy ? [`  Sealed with key ${sealedBy}.`] : []),
    whole ? `${file} is whole.` : `${file} is NOT to be trusted.`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (!whole) process.exitCode = usable ? 1 : 2;
}
