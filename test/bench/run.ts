import { admission } from './admission.js';
import { admissionExact } from './admission-exact.js';
import { admissionPeer } from './admission-peer.js';
import { connections } from './connections.js';
import { exactness } from './exactness.js';
import { ingest } from './ingest.js';
import { CannotRun, Result, shown, tell } from './measure.js';
import { scale } from './scale.js';

/** Every bench, by name. */
const benches: Record<string, () => Promise<Result>> = {
  admission,
  'admission-exact': admissionExact,
  'admission-peer': admissionPeer,
  connections,
  exactness,
  ingest,
  scale,
};

const words = process.argv.slice(2);
const bench = benches[words.find((word) => !word.startsWith('--')) ?? ''];

if (bench) {
  try {
    const result = await bench();
    print(result);
    if (words.includes('--json')) process.stdout.write(`${JSON.stringify(result)}\n`);
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    tell(`The bench cannot run here: ${error.message}`);
    process.exitCode = 1;
  }
} else {
  tell(`Usage: npm run bench -- NAME [--json]. The names are: ${Object.keys(benches).join(', ')}.`);
  process.exitCode = 2;
}

function print({ bench: name, a, b, unit, ratio, ratio_min, ratio_max, rounds, reach, holds, ...more }: Result): void {
  const lines = [
    `${name}: A ${shown(a)}, B ${shown(b)} ${unit} (medians of ${rounds} rounds, interleaved)`,
    `  A over B: ${ratio} (${ratio_min}–${ratio_max}); to reach ${reach}: ${holds ? 'held' : 'NOT held'}`,
    ...Object.entries(more).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
