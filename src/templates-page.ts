import type { TemplateClause } from './agreements/templates/template-file.js';
import { Template, templates } from './agreements/templates/templates.js';
import { code, page, table } from './markdown.js';

/** The reference page of the agreement templates, every version of each. */
export function templatesPage(): string {
  return page('Agreement templates', [
    'Texts that an agreement can start from, as served at `GET /v1/templates`; how to use them is in',
    '[Start from a template](../how-to/start-from-a-template.md). Each is a file of',
    '[src/agreements/templates](../../src/agreements/templates), which holds prose and terms side by side.',
    ...templates().flatMap(templateSection),
  ]);
}

function templateSection(template: Template): string[] {
  const { name, version, title, about, forWhom, presumes, tier, longestTermDays, parameters, clauses } = template;
  return [
    '',
    `## ${name}, version ${version}`,
    '',
    `**${title}.** ${about}`,
    '',
    `- For: ${forWhom}`,
    `- Presumes: ${presumes}`,
    `- Approval tier: ${tier}`,
    `- Longest term: ${longestTermDays} days`,
    '',
    ...table(
      ['parameter', 'meaning', 'expected'],
      parameters.map((parameter) => [code(parameter.name), parameter.meaning, parameter.expected]),
    ),
    '',
    ...table(['clause', 'heading', 'terms'], clauses.map(clauseRow)),
  ];
}

function clauseRow({ clauseId, heading, terms }: TemplateClause): string[] {
  return [clauseId, heading, Object.keys(terms).map(code).join(', ')];
}
