import type { Command } from 'commander';
import { mkdirSync, writeFileSync } from 'node:fs';
import { commands } from './commands.js';
import { leakRule } from './findings/leaks/leak-rule.js';
import { unaccountedRule } from './findings/unaccounted/unaccounted-rule.js';
import { labRoles, machineRoles, partnerRoles, Role } from './kernel/actor.js';
import { settings } from './kernel/configuration.js';
import { permissions } from './kernel/permissions.js';
import { problems } from './kernel/problems.js';
import { lifecyclesPage } from './lifecycles-page.js';
import { code, page, table } from './markdown.js';
import { apiDocument } from './openapi.js';
import { eventRules, factRules } from './reconciliation/rules.js';
import { templatesPage } from './templates-page.js';
import { DENY_CODES } from './terms/deciding/decision.js';
import { TERMS_PROBLEMS } from './terms/drafting/problems.js';
import { PROHIBITED_USES, PROHIBITED_USES_VERSION } from './terms/prohibited-uses.js';
import { PURPOSES, PURPOSES_VERSION } from './terms/purposes.js';

/** Where the reference pages lie, from the directory of package.json. */
export const referenceDirectory = 'docs/reference';

/** Every page of the reference by its file name, written from the code alone: the same code gives the same bytes. */
export async function referencePages(): Promise<Record<string, string>> {
  return {
    'openapi.json': `${JSON.stringify(await apiDocument(), null, 2)}\n`,
    'configuration.md': configurationPage(),
    'errors.md': errorsPage(),
    'permissions.md': permissionsPage(),
    'lifecycles.md': lifecyclesPage(),
    'purposes.md': purposesPage(),
    'prohibited-uses.md': prohibitedUsesPage(),
    'rules.md': rulesPage(),
    'templates.md': templatesPage(),
    'cli.md': cliPage(),
  };
}

function configurationPage(): string {
  const rows = Object.values(settings).map(({ variable, meaning, expected, fallback, ...more }) => [
    code(variable),
    meaning,
    'secret' in more ? `${expected}; a secret, never shown` : expected,
    fallback === null ? 'none' : code(fallback),
  ]);
  return page('Configuration', [
    'Every setting is an environment variable. At start all of them are read at once, and every mistake is told in one',
    'message; nothing starts on a configuration that was half understood. An empty variable counts as absent.',
    '',
    ...table(['variable', 'meaning', 'expected', 'default'], rows),
    '',
    '`PARLEY_OIDC_ISSUER` and `PARLEY_OIDC_JWKS_URL` are set both or neither.',
  ]);
}

/** The codes of single faults that the shapes of requests give, and those of what is asked for under an agreement. */
const fieldFaults = Object.entries({
  'field.unknown': 'The shape has no such field.',
  'field.missing': 'A field that is asked for is absent.',
  'field.wrong': 'The value is not what `expected` says.',
  'prose.duplicate_clause': 'Two clauses of the prose have the same id.',
  beyond_scope: 'A key would be good for more than its campaign or agreement allows.',
  expiry_out_of_bounds: 'A key would outlive its campaign, its agreement or the lifetime that it may have.',
  outside_term: 'A campaign leaves the term of its agreement.',
  'tie.key': 'A live key still binds the partner that was to be offboarded (`still_bound`).',
  evaluation_set_not_permitted: 'A campaign would run an evaluation set that the terms do not name.',
}).map(([name, meaning]) => [code(name), meaning]);

function errorsPage(): string {
  const entries = Object.entries(problems).flatMap(([name, { status, title, meaning }]) => [
    '',
    `### ${name}`,
    '',
    `**${status} ${title}.** ${meaning}`,
  ]);
  const draft = Object.entries(TERMS_PROBLEMS).map(([name, meaning]) => [code(name), meaning]);
  return page('Errors', [
    'Every refusal is an RFC 9457 `application/problem+json`. Its `code` is stable and closed; a code never changes its',
    'meaning. A running service shows the same catalogue at `/docs/errors`.',
    '',
    '## Problems',
    ...entries,
    '',
    '## Faults of a field',
    '',
    'A 422 lists each fault in `errors`, with an RFC 6901 `pointer` and a `code`: one of these, one of a draft, or one of a',
    'denial where a campaign asks for what would be denied.',
    '',
    ...table(['code', 'meaning'], fieldFaults),
    '',
    '## Faults of a draft',
    '',
    'Terms are checked as a whole, with every clause they refer to, whenever a revision is written.',
    '',
    ...table(['code', 'meaning'], draft),
    '',
    '## Codes of a denial',
    '',
    'These are not errors: a gateway that asks gets a 200 and one of these codes. The first that applies, in this order,',
    'is the `code`; `reasons` lists every one. A gateway that holds requests back by forward auth hands the client a problem',
    'with the code instead: 401 for the first four, 429 for `quota_exhausted` and `rate_limited`, 503 for `stale_authority`,',
    '403 for the rest.',
    '',
    ...DENY_CODES.map((name) => `1. ${code(name)}`),
  ]);
}

function permissionsPage(): string {
  const roles: readonly Role[] = [...labRoles, ...partnerRoles, ...machineRoles];
  const rows = Object.entries<readonly Role[]>(permissions).map(([permission, holders]) => [
    code(permission),
    ...roles.map((role) => (holders.includes(role) ? '✓' : '')),
  ]);
  return page('Permissions', [
    'Each route asks for one permission; a role carries it or does not. A partner further sees only the rows of its own',
    'organisation, and further rules part people: an author does not approve, one person does not stop and resume alone.',
    '',
    ...table(['permission', ...roles], rows),
  ]);
}

function purposesPage(): string {
  return page('Purposes', [
    `List version ${PURPOSES_VERSION}, as served at \`GET /v1/purposes\`. Codes are dotted; a parent covers its children,`,
    'except `benchmark.capability`, which must be granted by name.',
    '',
    ...table(
      ['code', 'label', 'definition', 'sources'],
      PURPOSES.map((purpose) => [code(purpose.code), purpose.label, purpose.definition, purpose.sources.join('; ')]),
    ),
  ]);
}

function prohibitedUsesPage(): string {
  return page('Prohibited uses', [
    `List version ${PROHIBITED_USES_VERSION}, as served at \`GET /v1/prohibited-uses\`. \`curable by nature\` is advice`,
    'to whoever drafts; what holds is what the agreement says.',
    '',
    ...table(
      ['code', 'label', 'definition', 'curable by nature', 'sources'],
      PROHIBITED_USES.map((use) => [
        code(use.code),
        use.label,
        use.definition,
        use.curableByNature ? 'yes' : 'no',
        use.sources.join('; '),
      ]),
    ),
  ]);
}

function rulesPage(): string {
  return page('Reconciliation rules', [
    'A rule is a pure function with an id and a version; a rule whose meaning changes gets a new version. Each finding',
    'names the rule and version that made it.',
    '',
    '## Rules about single events',
    '',
    'Judged by the agreement version in force at the event’s own time; findings are gathered by key.',
    '',
    ...ruleTable(eventRules),
    '',
    '## Rules about the facts of a period',
    '',
    ...ruleTable(factRules),
    '',
    '## Rules about what others report',
    '',
    'Judged when a report arrives, by the agreement version in force then; no usage is judged. Findings are gathered by',
    'key and day (UTC).',
    '',
    ...ruleTable([leakRule]),
    '',
    '## Rules about what was lent to gateways',
    '',
    'Judged when a node that was lent a part of a quota is lost, and again as its use becomes known; the findings are of',
    'single leases. What is left of `delta` is what nobody has accounted for yet.',
    '',
    ...ruleTable([unaccountedRule]),
  ]);
}

function ruleTable(rules: readonly { id: string; version: number; severity: string }[]): string[] {
  const rows = rules.map(({ id, version, severity }) => [code(id), String(version), severity]);
  return table(['rule', 'version', 'severity'], rows);
}

function cliPage(): string {
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  const entries = all(commands('')).flatMap((command) => [
    '',
    `## ${nameOf(command)}`,
    '',
    '```',
    helpOf(command),
    '```',
  ]);
  return page('Command line', [
    '`npx parley <command>`; the environment is read as [configuration](configuration.md) says.',
    ...entries,
  ]);
}

function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({
    writeOut: (text) => (help += text),
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return help.trimEnd();
}

/** Writes the pages named, or all of them. */
async function write(names: readonly string[]): Promise<void> {
  mkdirSync(referenceDirectory, { recursive: true });
  for (const [name, content] of Object.entries(await referencePages())) {
    if (names.length === 0 || names.includes(name)) writeFileSync(`${referenceDirectory}/${name}`, content);
  }
}

if (import.meta.main) await write(process.argv.slice(2));
