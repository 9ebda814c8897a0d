import { Decider } from '../../src/gateway/decider.js';
import { Question } from '../../src/gateway/journal.js';
import { readConfiguration } from '../../src/kernel/configuration.js';
import { Service, startService } from '../../src/service.js';
import { answerParent } from './child.js';
import { closedLoop, Loop } from './closed-loop.js';

let service: Service;
const questionsOf = new Map<string, Question[]>();

/** A gateway process of Parley as `parley serve` starts it, which can also be asked in process. */
answerParent({
  start: async ({ environment }: { environment: Record<string, string> }) => {
    const begun = performance.now();
    const configuration = readConfiguration({ ...environment, PARLEY_ROLE: 'gateway' });
    service = await startService(configuration, configuration.databaseUrl!);
    return { url: service.gatewayUrl, readyAfterMs: Math.round(performance.now() - begun) };
  },
  rssMiB: () => Math.round(process.memoryUsage.rss() / 1_048_576),
  prepare: ({ name, questions }: { name: string; questions: Question[] }) => {
    questionsOf.set(name, questions);
  },
  run: ({ name, expect, ...loop }: Loop & { name: string; expect: string }) => {
    const decider = service.app.get(Decider);
    const questions = questionsOf.get(name)!;
    return closedLoop(loop, async (at) => {
      const admission = await decider.decide(questions[at % questions.length]!);
      return admission?.decision.code === expect;
    });
  },
  stop: () => service.stop(),
});
