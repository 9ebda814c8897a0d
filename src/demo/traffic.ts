import { SettableClock } from '../kernel/clock.js';
import { IngestAnswer } from '../usage/usage.dto.js';
import { addresses, models, unreleasedModel } from './agreement.js';
import { ClaimedKey } from './contract.js';
import { Expected, expectedOf, Misuse, Plan } from './misuse.js';
import { call } from './person.js';
import { TracedRequest } from './trace.js';

/** How many requests are under way at once, and how many events a report holds. */
const slice = 128;
const reported = 1_000;

/** What the gateway saw in the hour. */
export interface Traffic {
  requests: number;
  allowed: number;
  denied: Record<string, number>;
  recorded: number;
  duplicates: number;
  conflicts: number;
  /** Admissions to the model with the tight quota. */
  codeAdmissions: number;
  expected: Expected[];
}

interface Hour {
  requests: readonly TracedRequest[];
  startsAt: Date;
  clock: SettableClock;
  gatewayUrl: string;
  apiUrl: string;
  credential: string;
  keys: readonly ClaimedKey[];
  plan: Plan;
  /** Revokes key C when its moment comes. */
  revoke: () => Promise<void>;
  progress: (done: number) => void;
}

interface Answer {
  decision: string;
  code: string;
  authorization: string | null;
}

/** The lab's inference gateway through one hour: it asks before each request, and reports what was used. */
export class GatewayOfTheStory {
  private readonly traffic: Traffic = {
    requests: 0,
    allowed: 0,
    denied: {},
    recorded: 0,
    duplicates: 0,
    conflicts: 0,
    codeAdmissions: 0,
    expected: [],
  };
  private unsent: object[] = [];
  private firstBatch: object[] | null = null;

  constructor(private readonly hour: Hour) {}

  async run(): Promise<Traffic> {
    const { requests, plan, clock, revoke, progress } = this.hour;
    for (let from = 0; from < requests.length;) {
      clock.moveTo(this.timeOf(requests[from]!));
      if (from === plan.revokedFrom) await revoke();
      // A slice never spans a moment at which something changes, so that every decision of it is the same in any order.
      const next = [plan.revokedFrom, plan.overFrom].find((row) => row > from) ?? requests.length;
      const until = Math.min(from + slice, next, requests.length);
      await this.replay(requests.slice(from, until));
      progress(until);
      from = until;
    }
    await this.report(0);
    await this.sendAgain();
    return this.traffic;
  }

  private async replay(requests: readonly TracedRequest[]): Promise<void> {
    const { plan } = this.hour;
    const answers = await Promise.all(requests.map((request) => this.ask(request)));
    requests.forEach((request, at) => {
      const answer = answers[at]!;
      const allowed = answer.decision === 'allow';
      this.count(request, answer, allowed);
      const misuse = plan.misuseOf(request, answer.code);
      if (misuse) this.traffic.expected.push(...expectedOf[misuse](request.key));
      if (allowed || misuse) this.unsent.push(...this.eventsOf(request, answer, misuse));
    });
    await this.report(reported);
  }

  private async ask(request: TracedRequest): Promise<Answer> {
    const { gatewayUrl, credential, keys } = this.hour;
    const body = {
      key: keys[request.key]!.key,
      model: asksBeyondScope(request) ? unreleasedModel : models[request.kind],
      endpoint: 'messages',
      run: request.run,
      estimate: { input_tokens: request.inputTokens, max_output_tokens: request.outputTokens },
      client: { ip: addresses.office, request_id: String(request.row) },
    };
    return (await call(gatewayUrl, 'POST', '/v1/authorizations', { body, token: credential })) as Answer;
  }

  private count({ kind }: TracedRequest, { code }: Answer, allowed: boolean): void {
    const { traffic } = this;
    traffic.requests += 1;
    if (allowed) traffic.allowed += 1;
    else traffic.denied[code] = (traffic.denied[code] ?? 0) + 1;
    if (allowed && kind === 'code') traffic.codeAdmissions += 1;
  }

  /** The usage event of a request; two that contradict each other where that is the misuse. */
  private eventsOf(request: TracedRequest, { authorization }: Answer, misuse: Misuse | null): object[] {
    const model = models[request.kind];
    const event = {
      specversion: '1.0',
      id: String(request.row),
      source: 'gateway://demo-eu-1',
      type: 'ai.usage.v1',
      subject: this.hour.keys[request.key]!.publicId,
      time: this.timeOf(request).toISOString(),
      data: {
        authorization,
        model,
        served_model: misuse === 'answered_by_unreleased_model' ? unreleasedModel : model,
        endpoint: 'messages',
        run: request.run,
        input_tokens: request.inputTokens,
        output_tokens: request.outputTokens,
        status: 200,
        client_ip: misuse === 'came_from_elsewhere' ? addresses.elsewhere : addresses.office,
      },
    };
    if (misuse !== 'reported_twice_differently') return [event];
    return [event, { ...event, data: { ...event.data, output_tokens: request.outputTokens + 1 } }];
  }

  /** Reports what has gathered, in batches, while more than `keep` events wait. */
  private async report(keep: number): Promise<void> {
    while (this.unsent.length > keep) await this.send(this.unsent.splice(0, reported));
  }

  /** A gateway that is unsure whether a batch arrived sends it again; nothing may be counted twice. */
  private async sendAgain(): Promise<void> {
    if (this.firstBatch) await this.send(this.firstBatch);
  }

  private async send(batch: object[]): Promise<void> {
    const { apiUrl, credential } = this.hour;
    const answer = (await call(apiUrl, 'POST', '/v1/usage-events', { body: batch, token: credential })) as IngestAnswer;
    this.traffic.recorded += answer.recorded;
    this.traffic.duplicates += answer.duplicates;
    this.traffic.conflicts += answer.conflicts;
    if (answer.rejected > 0) throw new Error(`Parley rejected ${answer.rejected} events: ${JSON.stringify(answer)}`);
    this.firstBatch ??= batch;
  }

  private timeOf({ offset }: TracedRequest): Date {
    return new Date(this.hour.startsAt.getTime() + offset);
  }
}

/** A dozen requests that ask openly for a model which no agreement names: refused, and never served. */
function asksBeyondScope({ row }: TracedRequest): boolean {
  return row < 480 && row % 40 === 7;
}
