import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleOf, templates } from '../../../src/agreements/templates/templates.js';
import { Callers, callersOf } from '../../setup/caller.js';
import { given, Given } from '../../setup/given.js';
import { openStage, Stage } from '../../setup/stage.js';

interface Fault {
  pointer: string;
  code: string;
  expected: string;
}

interface Refused {
  code: string;
  errors: Fault[];
}

describe('agreement templates over HTTP', () => {
  let stage: Stage;
  let story: Given;
  let people: Callers;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
    people = await callersOf(stage, story.cast);
  });

  afterAll(() => stage.stop());

  const [joint] = templates().filter(({ name }) => name === 'joint-exercise');
  const parameters = exampleOf(joint!);
  const draft = (body: object, name = 'joint-exercise') =>
    people.partnerships.post<Refused>(`/v1/templates/${name}/draft`, body);

  it('both parties can list them, with what each asks and without their texts', async () => {
    for (const reader of [people.partnerships, people.partnerSignatory]) {
      const { status, body } = await reader.get<{ data: Record<string, unknown>[] }>('/v1/templates');
      expect(status).toBe(200);
      expect(body.data.map(({ name, version, tier }) => [name, version, tier])).toEqual(
        templates().map(({ name, version, tier }) => [name, version, tier]),
      );
      expect(body.data.map(({ parameters: asked }) => (asked as { name: string }[]).map(({ name }) => name))).toEqual(
        templates().map((template) => template.parameters.map(({ name }) => name)),
      );
      expect(body.data.every((one) => !('clauses' in one))).toBe(true);
    }
  });

  it('one is read with prose and terms side by side and an example that can be sent as it is', async () => {
    const { status, body } = await people.partnerAdmin.get<{ clauses: object[]; example: object }>(
      '/v1/templates/joint-exercise?version=1',
    );
    expect(status).toBe(200);
    expect(body.clauses[7]).toEqual({
      clauseId: '8',
      heading: 'Networks',
      text: expect.stringContaining('{{networks}}') as string,
      terms: { networks: { clauseRef: '8', heldBy: 'enforced', cidrs: '{{networks}}' } },
    });
    expect((await people.partnerAdmin.get('/v1/templates/joint-exercise')).body).toEqual(body);
    expect((await draft({ parameters: body.example })).status).toBe(200);
  });

  it.each(templates().map((template) => [template.name, template] as const))(
    '%s makes a draft that is agreed as it stands and takes the approvals of its tier',
    async (name, template) => {
      const made = await draft({ version: template.version, parameters: exampleOf(template) }, name);
      expect(made.status).toBe(200);
      expect(Object.keys(made.body)).toEqual(['terms', 'prose']);
      const text = { organisationId: story.organisationId, title: template.title, ...made.body };
      const drafted = await people.partnerships.post<{ id: string; headDigest: string }>('/v1/agreements', text);
      expect(drafted.status, JSON.stringify(drafted.body)).toBe(201);
      const { id, headDigest: digest } = drafted.body;
      const { terms, prose } = made.body as unknown as Record<string, unknown>;
      const revision = await people.partnerships.get(`/v1/agreements/${id}/revisions/1`);
      expect(revision.body).toMatchObject({ terms, prose });
      await people.partnerships.post(`/v1/agreements/${id}/proposal`);
      await people.partnerAdmin.post(`/v1/agreements/${id}/acceptance`, { digest });
      const approved = await people.approver.post(`/v1/agreements/${id}/approvals`, { digest, stage: 'approver' });
      expect(approved.body.state).toBe(template.tier === 'standard' ? 'out_for_signature' : 'in_approval');
    },
  );

  it('filling one keeps nothing: no agreement, and no entry in the log', async () => {
    const counted = () => stage.sql('SELECT (SELECT count(*) FROM agreement), (SELECT count(*) FROM audit_entry)');
    const before = await counted();
    expect((await draft({ parameters })).status).toBe(200);
    expect(await counted()).toEqual(before);
  });

  it('each parameter that is missing, unknown or wrong is told at its place, with what was expected', async () => {
    const { networks: _left, ...others } = parameters;
    const { status, body } = await draft({ parameters: { ...others, researchers: 'many', surprise: 1 } });
    expect([status, body.code]).toEqual([422, 'invalid_request']);
    expect(body.errors.map(({ pointer, code }) => [pointer, code])).toEqual([
      ['/parameters/networks', 'field.missing'],
      ['/parameters/researchers', 'field.wrong'],
      ['/parameters/surprise', 'field.unknown'],
    ]);
    expect(body.errors[1]!.expected).toBe('a whole number from 1 to 1000');
  });

  it.each([
    [{}, '/parameters'],
    [{ parameters: [] }, '/parameters'],
    [{ parameters, version: '1' }, '/version'],
    [{ parameters, version: 0 }, '/version'],
    [{ parameters, title: 'A' }, '/title'],
  ])('a body that is not of the shape is refused: %j', async (body, pointer) => {
    expect(await draft(body)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });

  it('a template or a version that is not there is not found, and a version that is no number is refused', async () => {
    const statusOf = async (path: string) => (await people.partnerships.get(`/v1/templates/${path}`)).status;
    expect(await statusOf('joint')).toBe(404);
    expect(await statusOf('joint-exercise.v1')).toBe(404);
    expect(await statusOf('..%2Ftemplates')).toBe(404);
    expect(await statusOf('joint-exercise?version=99')).toBe(404);
    expect(await statusOf('joint-exercise?version=one')).toBe(422);
    expect(await statusOf('joint-exercise?version=0')).toBe(422);
    expect((await draft({ parameters }, 'joint')).status).toBe(404);
    expect((await draft({ parameters, version: 99 })).status).toBe(404);
  });

  it('the commands of the how-to lead from the template to a drafted agreement', async () => {
    const page = readFileSync('docs/how-to/start-from-a-template.md', 'utf8');
    const commands = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block);
    const directory = mkdtempSync(join(tmpdir(), 'parley-how-to-'));
    const variables = { API: stage.apiUrl, TOKEN: people.partnerships.token, ORGANISATION: story.organisationId };
    try {
      const { stdout } = await promisify(execFile)('bash', ['-c', ['set -euo pipefail', ...commands].join('\n')], {
        cwd: directory,
        env: { ...process.env, ...variables },
      });
      expect(JSON.parse(stdout)).toMatchObject({ state: 'draft', title: 'Joint exercise, spring' });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
