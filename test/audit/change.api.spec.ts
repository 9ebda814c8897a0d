import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import { Change } from '../../src/audit/change.js';
import { Changes } from '../../src/audit/changes.js';
import { GatewayCredential } from '../../src/access/gateway-credential.entity.js';
import { systemActor } from '../../src/kernel/actor.js';
import { canonicalJson } from '../../src/kernel/canonical-json.js';
import { second } from '../../src/kernel/clock.js';
import { Callers, callersOf } from '../setup/caller.js';
import { given, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

interface Entry {
  id: string;
  log: string;
  at: string;
  actorKind: string;
  actorId: string;
  actorName: string;
  action: string;
  subjectKind: string;
  subjectId: string;
  detail: object;
  salt: string;
  canonical: string;
  leafHash: string;
}

const saveCredential = (change: Change, name: string) =>
  change.save(
    change.manager.create(GatewayCredential, {
      id: change.newId(),
      name,
      secretHash: createHash('sha256').update(name).digest(),
      createdAt: change.at,
      revokedAt: null,
    }),
  );

describe('a change', () => {
  let stage: Stage;
  let story: Given;
  let people: Callers;
  let entries: Entry[];
  let organisationId: string;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
    people = await callersOf(stage, story.cast);
    organisationId = String((await people.partnerAdmin.get('/v1/me')).body.organisationId);
    entries = await story.cast.compliance.all<Entry>('/v1/audit-entries');
  });

  afterAll(() => stage.stop());

  const namesakes = (name: string) => stage.sql('SELECT id FROM gateway_credential WHERE name = $1', [name]);

  it('that records nothing fails and leaves nothing', async () => {
    const changes = stage.app.get(Changes);
    await expect(changes.run(systemActor, (change) => saveCredential(change, 'silent'))).rejects.toThrow(/audit log/);
    expect(await namesakes('silent')).toEqual([]);
  });

  it('that fails after it recorded leaves neither row nor entry', async () => {
    const changes = stage.app.get(Changes);
    const work = changes.run(systemActor, async (change) => {
      const credential = await saveCredential(change, 'failed');
      await change.record('gateway_credential.issued', credential.subject, { name: 'failed' });
      throw new Error('after all');
    });
    await expect(work).rejects.toThrow('after all');
    expect(await namesakes('failed')).toEqual([]);
    expect(await stage.sql("SELECT 1 FROM audit_detail WHERE detail->>'name' = 'failed'")).toEqual([]);
  });

  it('past the door is refused by the database itself', async () => {
    const silent = stage.sql("UPDATE gateway_credential SET name = 'renamed'");
    await expect(silent).rejects.toThrow(/must leave an audit entry/);
    expect(await namesakes('renamed')).toEqual([]);
  });

  it('leaves entries whose bytes hash to their leaf hash and say what their columns say', () => {
    expect(entries.length).toBeGreaterThan(40);
    for (const entry of entries) {
      const leaf = createHash('sha256').update(Buffer.of(0)).update(entry.canonical).digest('hex');
      expect(entry.leafHash).toBe(leaf);
      const said = JSON.parse(entry.canonical) as Record<string, unknown>;
      expect(canonicalJson(said)).toBe(entry.canonical);
      expect(said).toMatchObject({
        schema: 'parley-audit-entry/1',
        id: entry.id,
        at: entry.at,
        actor: { kind: entry.actorKind, id: entry.actorId },
        action: entry.action,
        subject: { kind: entry.subjectKind, id: entry.subjectId },
      });
    }
  });

  it('commits to its detail under a salt: SHA-256(salt ‖ JCS(detail))', () => {
    for (const { salt, detail, canonical } of entries) {
      expect(salt).toMatch(/^[0-9a-f]{32}$/);
      const commitment = createHash('sha256')
        .update(Buffer.from(salt, 'hex'))
        .update(canonicalJson(detail))
        .digest('hex');
      expect((JSON.parse(canonical) as { detail: string }).detail).toBe(commitment);
    }
    expect(new Set(entries.map(({ salt }) => salt)).size).toBe(entries.length);
  });

  it('tells who made it and when', async () => {
    stage.clock.advance(second);
    const { id, name } = (await people.partnerships.get<{ id: string; name: string }>('/v1/me')).body;
    const body = {
      legalName: 'Told GmbH',
      country: 'FR',
      emailDomains: ['t.example'],
      competitor: false,
      contacts: [],
    };
    const made = (await people.partnerships.post<{ id: string }>('/v1/partners', body)).body;
    const { body: page } = await people.compliance.get<{ data: Entry[] }>(`/v1/audit-entries?subject=${made.id}`);
    expect(page.data).toHaveLength(1);
    expect(page.data[0]).toMatchObject({
      action: 'partner.entered',
      actorKind: 'user',
      actorId: id,
      actorName: name,
      at: stage.clock.now().toISOString(),
      log: `organisation:${made.id}`,
      detail: body,
    });
  });

  it('of a partner’s thing stands in the partner’s own log, which is all of the log that the partner sees', async () => {
    const own = await story.cast.partnerAdmin.all<Entry>('/v1/audit-entries');
    const log = `organisation:${organisationId}`;
    expect(new Set(own.map((entry) => entry.log))).toEqual(new Set([log]));
    const seen = entries.filter((entry) => entry.log === log).map(({ id }) => id);
    expect(own.map(({ id }) => id)).toEqual(expect.arrayContaining(seen));
    const actions = new Set(own.map(({ action }) => action));
    for (const action of ['partner.approved', 'agreement.signed_by_party', 'agreement.executed', 'key.issued']) {
      expect(actions).toContain(action);
    }
    expect(new Set(entries.map((entry) => entry.log))).toContain('internal');
    expect((await people.researcher.get('/v1/audit-entries')).status).toBe(403);
  });

  it('keeps no secret of anybody', async () => {
    const kept = JSON.stringify([await stage.sql('SELECT * FROM audit_detail'), entries]);
    for (const secret of [...story.keys.map(({ key }) => key), story.gatewayCredential, 'correct horse']) {
      expect(kept).not.toContain(secret);
    }
    expect(kept).toContain(story.keys[0]!.publicId);
  });
});
