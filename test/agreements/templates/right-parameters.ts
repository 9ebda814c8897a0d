import * as fc from 'fast-check';
import { Template } from '../../../src/agreements/templates/templates.js';
import { day } from '../../../src/kernel/clock.js';
import { FRAMEWORKS } from '../../../src/terms/conditions.js';

const texts = (text: fc.Arbitrary<string>, minLength = 1) => fc.uniqueArray(text, { minLength, maxLength: 8 });
const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,40}$/);
const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,10}[a-z0-9])?$/);
const domain = fc.tuple(label, fc.stringMatching(/^[a-z]{2,8}$/)).map((parts) => parts.join('.'));
const email = fc.tuple(fc.stringMatching(/^[a-zé!#$%&'*+/=?^_.,()-]{1,20}$/u), domain).map((parts) => parts.join('@'));
const atMost = (max: number) => fc.integer({ min: 1, max });
const model = fc.record({
  modelId: fc.stringMatching(/^m[a-z0-9.-]{0,20}$/),
  snapshot: fc.stringMatching(/^s[a-z0-9.-]{0,20}$/).map((text) => `${text}-2026`),
});
const isAlias = /(?:^|[-_.:@/])(?:latest|stable|default|current|newest|auto)(?:$|[-_.:@/])/i;
const network = fc.oneof(
  fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => `${bytes.join('.')}.0/24`),
  fc.nat(0xffff).map((group) => `2001:db8:${group.toString(16)}::/48`),
);

const right: Record<string, fc.Arbitrary<unknown>> = {
  models: fc
    .uniqueArray(model, { minLength: 1, maxLength: 5, selector: ({ snapshot }) => snapshot })
    .filter((models) => models.every(({ snapshot }) => !isAlias.test(snapshot))),
  modelStage: fc.constantFrom('pre_deployment', 'deployed'),
  safeguards: fc.constantFrom('helpful_only', 'none'),
  endpoints: texts(name),
  requestsPerDay: atMost(Number.MAX_SAFE_INTEGER),
  outputTokensPerDay: atMost(Number.MAX_SAFE_INTEGER),
  tokensInTerm: atMost(Number.MAX_SAFE_INTEGER),
  timezone: fc.constantFrom('UTC', 'Europe/London', 'America/St_Johns', 'Asia/Kathmandu'),
  networks: texts(network),
  researchers: atMost(1_000),
  evaluatorDomains: texts(domain),
  evaluationSets: texts(name, 0),
  frameworks: fc.subarray(FRAMEWORKS.map(({ code }) => code)),
  providerNotices: texts(email),
  evaluatorNotices: texts(email),
  governingLaw: fc.stringMatching(/^[A-Z][A-Za-zé ]{0,60}$/u),
};

/** Parameters that the template must take, whatever they are. */
export function rightParameters({ parameters, longestTermDays }: Template): fc.Arbitrary<Record<string, unknown>> {
  const names = parameters.map((parameter) => parameter.name).filter((one) => one in right);
  return fc
    .record({
      from: fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2100, 0) }),
      length: atMost(longestTermDays * day),
      more: fc.record(Object.fromEntries(names.map((one) => [one, right[one]!]))),
    })
    .map(({ from, length, more }) => ({
      effectiveFrom: new Date(from).toISOString(),
      expiresAt: new Date(from + length).toISOString(),
      ...more,
    }));
}
