import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hour } from '../kernel/clock.js';
import { CommandFailure } from '../cli/failure.js';

/** One request of the hour that is replayed. */
export interface TracedRequest {
  /** Its place in the whole hour, from 0. */
  row: number;
  /** Milliseconds after the start of the hour. */
  offset: number;
  /** Which of the three keys sends it. */
  key: 0 | 1 | 2;
  kind: 'conversation' | 'code';
  inputTokens: number;
  outputTokens: number;
  /** The evaluation run that it names. */
  run: string;
}

/** How many requests the generated hour has. */
const generatedRequests = 3_000;

/** The hour to replay: the real traces of a directory, or a smaller one made from a fixed seed. */
export function loadHour(directory: string | undefined): TracedRequest[] {
  return directory === undefined ? generatedHour() : tracedHour(directory);
}

/** Requests of a production service (Azure LLM inference traces), joined to prompts of public sets by their place. */
function tracedHour(directory: string): TracedRequest[] {
  const conversation = readTrace(join(directory, 'traces', 'azure_llm_conv.csv'), 'conversation');
  const code = readTrace(join(directory, 'traces', 'azure_llm_code.csv'), 'code');
  const merged = [...conversation, ...code].toSorted((one, other) => one.at - other.at);
  const first = merged[0]!.at;
  const runs = readRuns(join(directory, 'prompts', 'ordinary'));
  return merged.map(({ at, ...request }, row) => ({
    ...request,
    row,
    offset: at - first,
    run: runs[row % runs.length]!,
  }));
}

function readTrace(file: string, kind: TracedRequest['kind']) {
  if (!existsSync(file)) throw new CommandFailure(`${file} is missing: --data must name a directory with traces.`, 2);
  const lines = readFileSync(file, 'utf8').split('\n').slice(1).filter(Boolean);
  return lines.map((line, index) => {
    const [time, input, output] = line.split(',');
    const at = Date.parse(`${time!.slice(0, 23).replace(' ', 'T')}Z`);
    if (Number.isNaN(at)) throw new CommandFailure(`${file}, line ${index + 2}: "${time}" is no time.`, 2);
    return { at, key: (index % 3) as 0 | 1 | 2, kind, inputTokens: Number(input), outputTokens: Number(output) };
  });
}

/** The set of each prompt, in order: traffic names it as its run. The text is read past and kept nowhere. */
function readRuns(directory: string): string[] {
  if (!existsSync(directory)) return ['traced'];
  const files = readdirSync(directory).filter((name) => name.endsWith('.jsonl'));
  const sets = files
    .toSorted()
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n').filter(Boolean).map(setOf));
  const runs = sets.filter((set) => set !== null);
  const broken = sets.length - runs.length;
  if (broken > 0) process.stderr.write(`${broken} lines of the prompts are not JSON; they are passed over.\n`);
  return runs;
}

function setOf(line: string): string | null {
  try {
    return (JSON.parse(line) as { set: string }).set;
  } catch {
    return null;
  }
}

function generatedHour(): TracedRequest[] {
  const random = generator(20_261_122);
  const exponential = (mean: number) => Math.max(1, Math.round(-Math.log(1 - random()) * mean));
  const offsets = Array.from({ length: generatedRequests }, () => Math.floor(random() * (hour - 1_000)));
  return offsets
    .toSorted((one, other) => one - other)
    .map((offset, row) => {
      const kind = random() < 0.3 ? ('code' as const) : ('conversation' as const);
      const inputTokens = exponential(kind === 'code' ? 2_000 : 1_000);
      const outputTokens = exponential(kind === 'code' ? 30 : 200);
      return { row, offset, key: (row % 3) as 0 | 1 | 2, kind, inputTokens, outputTokens, run: 'generated' };
    });
}

/** Mulberry32: a small generator whose sequence is the same everywhere. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
