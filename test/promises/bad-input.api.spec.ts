import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pointerTo } from '../../src/kernel/json-pointer.js';
import { openStage, Stage } from '../setup/stage.js';
import { absent, Raw, valueAt, withMember, withValues } from './bad-input/body.js';
import { containers, Document, exampleOf, Field, fieldsOf, Kind, Route, routesUnder } from './bad-input/document.js';
import * as hostile from './bad-input/hostile.js';
import { Judge, Outcome, Trial } from './bad-input/judge.js';
import { Request } from './bad-input/request.js';
import { requestsOf } from './bad-input/requests.js';
import { Left, Rewind } from './bad-input/rewind.js';
import { prepareThings, Things } from './bad-input/things.js';

/** Everything of the life of a contract; a route that is added under one of these is tried without being named here. */
const roots = [
  'partners',
  'signing-keys',
  'agreements',
  'amendments',
  'notices',
  'terminations',
  'approval-delegations',
  'suspensions',
  'templates',
  'obligations',
  'publication-reviews',
  'campaigns',
  'roster',
  'runs',
  'key-requests',
  'keys',
].map((root) => `/v1/${root}`);

/** Routes and fields that answer what is right with a fault of ours; each has a test of its own at the end. */
const notYet = ['POST /v1/amendments/{id}/acknowledgement', 'POST /v1/agreements/{id}/terminations /noticeId'];

/** A route with a body, a way to call it, and the fields of that body. */
interface Target {
  route: Route;
  request: Request;
  fields: Field[];
}

let stage: Stage;
let things: Things;
let rewind: Rewind;
let judge: Judge;
let document: Document;
let routes: Route[];
let targets: Target[];

beforeAll(async () => {
  stage = await openStage();
  things = await prepareThings(stage);
  document = (await (await fetch(`${stage.apiUrl}/openapi.json`)).json()) as Document;
  routes = routesUnder(document, roots);
  rewind = await Rewind.from(stage.ownerUrl);
  judge = new Judge(rewind);
  targets = await findTargets();
});

afterAll(async () => {
  process.stdout.write(`Bad input: ${judge.requests} requests to ${routes.length} routes, seed ${seed}.\n`);
  await rewind.stop();
  await stage.stop();
});

/** Ends a test: every fault that was found, and only those. */
function expectNoFaults(): void {
  const faults = [...judge.faults].toSorted();
  judge.faults.clear();
  expect(faults).toEqual([]);
}

async function findTargets(): Promise<Target[]> {
  const known = requestsOf(things);
  const found: Target[] = [];
  for (const route of routes.filter(({ body }) => body !== null)) {
    const request = known[route.name] ?? (await guessedRequest(route));
    found.push({ route, request, fields: fieldsOf(document, route.body!, request.body(0)) });
  }
  return found;
}

/** How to call a route that no table knows: as whoever may, on something that may be there, with its examples. */
async function guessedRequest(route: Route): Promise<Request> {
  const at = route.path.replaceAll(/\{\w+\}/g, things.executed.id);
  const body = exampleOf(document, route.body!);
  const exact = fieldsOf(document, route.body!, body).map(({ pointer }) => pointer);
  for (const by of Object.values(things.people)) {
    const call = { route: route.name, method: route.method, url: stage.apiUrl + at, token: by.token, body: {} };
    const { status } = await judge.try({ ...call, what: 'nothing', must: 'either' });
    if (status !== 403) return { by, at, body: () => body, exact, moves: true, guessed: true };
  }
  throw new Error(`Nobody may call ${route.name}.`);
}

let serial = 0;

/** A trial of a target with some fields changed. */
function trial(
  { route, request }: Target,
  changes: readonly (readonly [Field, unknown])[],
  { what, must }: Pick<Trial, 'what' | 'must'>,
): Trial {
  serial += 1;
  return {
    route: route.name,
    method: route.method,
    url: stage.apiUrl + request.at,
    token: request.by.token,
    body: withValues(
      request.body(serial),
      changes.map(([{ path }, value]) => [path, value] as const),
    ),
    what,
    must,
    pointers: request.guessed && must === 'either' ? [] : changes.map(([{ pointer }]) => pointer),
  };
}

describe(`what is sent to the routes of a contract${hostile.naughtyNote}`, { timeout: 300_000 }, () => {
  it('is taken where it is right: each request that the others are made of', async () => {
    for (const target of targets.filter(({ route }) => !notYet.includes(route.name))) {
      const must = target.request.answers === undefined && !target.request.guessed ? 'take' : 'either';
      const { status } = await judge.try({ ...trial(target, [], { what: 'a valid body', must }), pointers: [] });
      if (target.request.answers !== undefined) expect(status, target.route.name).toBe(target.request.answers);
      const left = await judge.rewind();
      const entries = target.request.leaves === undefined ? ['audit_entry'] : [];
      if (must === 'take') expect(Object.keys(left), target.route.name).toEqual(expect.arrayContaining(entries));
      expect(await judge.rewind(), target.route.name).toEqual({});
    }
    expectNoFaults();
  });

  it('is refused where it is of the wrong type, with a pointer to each field', async () => {
    await judge.tryAll(each(wrongTypes));
    await judge.expectNothingLeft('a route');
    expectNoFaults();
  });

  it('is refused where a field is missing or unknown, with a pointer to each', async () => {
    await judge.tryAll(each(missing, unknown, noObjects));
    await judge.expectNothingLeft('a route');
    expectNoFaults();
  });

  it('is refused where two readers could read it differently, with a pointer to the place', async () => {
    await judge.tryAll(each(literals, members));
    await judge.expectNothingLeft('a route');
    await judge.tryAll(each(wholeNumbers));
    await judge.rewind();
    expectNoFaults();
  });

  it('is refused where it is too large', async () => {
    await judge.tryAll(tooLarge());
    await judge.expectNothingLeft('a route');
    expectNoFaults();
  });

  it.skipIf(hostile.naughty.length === 0)('is taken as it is or refused, whatever the text', async () => {
    for (const [at, target] of targets.entries()) {
      const worst = worstFor(at);
      await tryTexts(target, ({ kind }) => [...worst, ...nextNaughty(kind, 4)]);
    }
    await tryTheRest();
    expectNoFaults();
  });

  it('is taken or refused at the edges of what a field may hold', async () => {
    for (const target of targets) {
      const fields = target.fields.filter(({ pointer }) => !notYet.includes(`${target.route.name} ${pointer}`));
      const edges = fields.flatMap((field) => edgesOf(field).map((value) => [field, value] as const));
      // What does not fit may be another field, so none is asked to be pointed to.
      const trials = edges.map((edge) => ({
        ...trial(target, [edge], { what: nameOf([edge]), must: 'either' }),
        pointers: [],
      }));
      if (target.request.moves) {
        for (const one of trials) {
          await judge.try(one);
          await judge.rewind();
        }
      } else await judge.tryAll(trials);
      await judge.rewind();
    }
    expectNoFaults();
  });

  it('is held to the schema of terms, field by field', async () => {
    const target = targets.find(({ route }) => route.name === 'POST /v1/agreements')!;
    await judge.tryAll(termsTrials(target));
    await judge.expectNothingLeft('the terms');
    await judge.tryAll(termsEdges(target));
    await judge.rewind();
    expectNoFaults();
  });

  it.skipIf(hostile.naughty.length === 0)('is kept as it is in prose and terms, all of the list at once', async () => {
    const target = targets.find(({ route }) => route.name === 'POST /v1/agreements')!;
    const { at, page } = await draftOfEverything(target);
    const [left, texts] = [await judge.rewind(), at];
    const kept = JSON.stringify(left);
    for (const text of texts) {
      const inside = JSON.stringify(text.normalize('NFC')).slice(1, -1);
      if (!kept.includes(inside)) judge.fault({ route: target.route.name, what: brief(text) }, 'it was not kept');
      if (page.startsWith('<') && /<[a-z/!]/i.test(text) && page.includes(text)) {
        judge.fault({ route: 'the redline page', what: brief(text) }, 'it stands there as markup');
      }
    }
    expectNoFaults();
  });

  it('is refused in a query where it does not fit, with a pointer to the parameter', async () => {
    for (const route of routes.filter(({ query }) => query.length > 0)) await judge.tryAll(await queryTrials(route));
    await judge.expectNothingLeft('a query');
    expectNoFaults();
  });

  it('names nothing where it stands for an id or a number in a path', async () => {
    for (const route of routes.filter(({ path }) => path.includes('{'))) await judge.tryAll(await pathTrials(route));
    await judge.expectNothingLeft('a path');
    expectNoFaults();
  });
});

/** The trials of every target, target by target. */
function* each(...trialsOf: ((target: Target, at: number) => Iterable<Trial>)[]): Iterable<Trial> {
  for (const [at, target] of targets.entries()) for (const of of trialsOf) yield* of(target, at);
}

/** What is out of the ordinary, in brief. */
function nameOf(changes: readonly (readonly [Field, unknown])[]): string {
  const values = changes.map(([{ pointer }, value]) => `${pointer} ${brief(value)}`);
  return `${values.slice(0, 3).join(', ')}${values.length > 3 ? ', …' : ''}`;
}

function brief(value: unknown): string {
  if (value === absent) return 'left out';
  const text = value instanceof Raw ? value.text : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 40)}… of ${text.length} characters` : text;
}

/** Fields by layers of which none lies within another, so that one wrong value hides no other. */
function layersOf(fields: readonly Field[]): Field[][] {
  const leaves = fields.filter(({ kind }) => !containers.includes(kind));
  const holders = fields.filter(({ kind }) => containers.includes(kind));
  const byDepth = Map.groupBy(holders, ({ path }) => path.length);
  return [leaves, ...byDepth.values()].filter((layer) => layer.length > 0);
}

function* wrongTypes(target: Target): Iterable<Trial> {
  for (const layer of layersOf(target.fields)) {
    const wrong = layer.map((field) => hostile.wrongValues(field.kind, field.schema));
    for (let round = 0; round < Math.max(...wrong.map(({ length }) => length)); round += 1) {
      const changes = layer.map((field, place) => [field, wrong[place]![round % wrong[place]!.length]] as const);
      yield trial(target, changes, { what: nameOf(changes), must: 'refuse' });
    }
  }
}

function* missing(target: Target): Iterable<Trial> {
  for (const layer of layersOf(target.fields.filter(({ optional }) => !optional))) {
    const changes = layer.map((field) => [field, absent] as const);
    yield trial(target, changes, { what: nameOf(changes), must: 'refuse' });
  }
}

/** The objects of a valid body, each with the names of its fields. */
function objectsOf({ fields }: Target): { path: Field['path']; known: string[] }[] {
  const byParent = Map.groupBy(fields, ({ path }) => JSON.stringify(path.slice(0, -1)));
  return [...byParent].map(([parent, own]) => ({
    path: JSON.parse(parent) as Field['path'],
    known: own.map(({ path }) => String(path.at(-1))),
  }));
}

const strangeNames = [
  'unknown',
  '',
  'then',
  'toJSON',
  'length',
  'id',
  'version',
  'state',
  'organisationId',
  'approvedBy',
  '$where',
  'a/b~c',
  'e\u0301',
  '\u0000',
  '\u202e',
  'x'.repeat(1_000),
];

function* unknown(target: Target, at: number): Iterable<Trial> {
  const own = Array.from({ length: 6 }, (_, turn) => strangeNames[(at + 3 * turn) % strangeNames.length]!);
  for (const name of new Set(['unknown', 'id', ...own])) {
    const places = objectsOf(target).filter(({ known }) => !known.includes(name));
    const token = name.replaceAll('~', '~0').replaceAll('/', '~1');
    const body = withValues(
      target.request.body((serial += 1)),
      places.map(({ path }) => [[...path, name], 'a value'] as const),
    );
    yield {
      ...trial(target, [], { what: `a field ${brief(name)}`, must: 'refuse' }),
      body,
      pointers: places.map(({ path }) => `${pointerTo(path)}/${token}`),
    };
  }
}

/** Whether a field may be left out, by itself or with what holds it. */
function isOptional({ path, optional }: Field): boolean {
  return optional || path.length > 1;
}

function* noObjects(target: Target, at: number): Iterable<Trial> {
  const broken = ['"text"', '7', 'true', '', ' ', '{', '{}{}', '\ufeff{}'];
  for (const text of ['[]', '[{}]', 'null', '{}', broken[at % broken.length]!, broken[(at + 3) % broken.length]!]) {
    // Where everything may be left out, an object with nothing in it says just that.
    if (text === '{}' && target.fields.every(isOptional)) continue;
    const usual = trial(target, [], { what: `the body ${brief(text)}`, must: 'refuse' });
    yield { ...usual, body: new Raw(text), pointers: [] };
  }
}

function* literals(target: Target, at: number): Iterable<Trial> {
  for (const [place, field] of target.fields.entries()) {
    const turn = <T>(list: readonly T[], step: number) => list[(at + place + step) % list.length]!;
    const own = [
      ...hostile.brokenLiterals,
      turn(hostile.nestings, 0),
      turn(hostile.oddLiterals, 0),
      turn(hostile.oddLiterals, 7),
    ];
    for (const literal of own)
      yield trial(target, [[field, literal]], { what: nameOf([[field, literal]]), must: 'refuse' });
  }
}

/** Numbers that are whole to some readers: a count may take them, any other field refuses them. */
function* wholeNumbers(target: Target, at: number): Iterable<Trial> {
  for (const [place, field] of target.fields.entries()) {
    const counts = field.kind === 'count';
    const one = hostile.wholeLiterals[(at + place) % hostile.wholeLiterals.length]!;
    for (const literal of counts ? hostile.wholeLiterals : [one]) {
      yield trial(target, [[field, literal]], { what: nameOf([[field, literal]]), must: counts ? 'either' : 'refuse' });
    }
  }
}

/** Objects with a member twice, or with one that every JavaScript object has. */
function* members(target: Target): Iterable<Trial> {
  for (const { path } of objectsOf(target)) {
    const body = target.request.body((serial += 1));
    const object = valueAt(body, path) as object;
    for (const name of [Object.keys(object)[0]!, '__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const raw = withMember(object, name);
      yield {
        ...trial(target, [], { what: `${pointerTo(path)}/${name} once more`, must: 'refuse' }),
        body: path.length === 0 ? raw : withValues(body, [[path, raw]]),
        pointers: [pointerTo(path)],
      };
    }
  }
}

const million = 'x'.repeat(1_000_000);
const tenThousand = {
  texts: new Raw(`["${Array.from({ length: 10_000 }, (_, at) => at).join('","')}"]`),
  objects: new Raw(`[${Array.from({ length: 10_000 }, () => '{}').join(',')}]`),
};

const strings: readonly Kind[] = ['text', 'pattern', 'email', 'id', 'instant', 'date', 'word'];

function* tooLarge(): Iterable<Trial> {
  for (const [at, target] of targets.entries()) {
    for (const [place, field] of target.fields.entries()) {
      const many = [tenThousand.texts, tenThousand.objects][(at + place) % 2];
      for (const value of strings.includes(field.kind) ? [million, many] : [many]) {
        yield trial(target, [[field, value]], { what: nameOf([[field, value]]), must: 'refuse' });
      }
    }
    // A log that is imported reads its own body, and has tests of its own.
    if (target.fields.length === 0) continue;
    const huge = [[target.fields.at(-1)!, million + million.slice(0, 100_000)]] as const;
    yield { ...trial(target, huge, { what: 'a body beyond the limit', must: 'refuse' }), pointers: [] };
  }
}

/** How long the body of a target is; and one that a thing takes once is not for trying often. */
function sizeOf({ request }: Target): number {
  return JSON.stringify(request.body(0)).length + (request.moves ? 1_000_000 : 0);
}

/** What a run tries may be tried again with the seed that it printed. */
const seed = Number(process.env.FC_SEED ?? randomInt(1_000));

/**
 * What the texts of a target are: NUL, which no table can hold, and of the worst strings every third, so that a route is
 * sent something of each sort and three routes in a row are sent all of them.
 */
function worstFor(at: number): string[] {
  const turn = hostile.worst.filter((_, place) => (place + at + seed) % 3 === 0);
  return [...new Set(['\u0000', ...turn])];
}

const naughtyTried = new Map<Kind, number>();

/** The next naughty strings for a kind of field; over all fields of the kind, every one has its turn. */
function nextNaughty(kind: Kind, count: number): string[] {
  const from = naughtyTried.get(kind) ?? 0;
  naughtyTried.set(kind, from + count);
  if (hostile.naughty.length === 0) return [];
  return Array.from({ length: count }, (_, at) => hostile.naughty[(from + at) % hostile.naughty.length]!);
}

/** Sends every kind of field what is left of the list for it, to as few targets as have all the kinds. */
async function tryTheRest(): Promise<void> {
  const left = new Map([...naughtyTried].map(([kind, tried]) => [kind, hostile.naughty.length - tried] as const));
  const open = ({ fields }: Target) =>
    new Set(fields.map(({ kind }) => kind).filter((kind) => (left.get(kind) ?? 0) > 0));
  for (;;) {
    const [target] = targets.toSorted((one, other) => open(other).size - open(one).size || sizeOf(one) - sizeOf(other));
    const kinds = open(target!);
    if (kinds.size === 0) return;
    const fields = [...kinds].map((kind) => target!.fields.find((field) => field.kind === kind)!);
    await tryTexts({ ...target!, fields }, ({ kind }) => nextNaughty(kind, left.get(kind)!));
    for (const kind of kinds) left.delete(kind);
  }
}

/**
 * Sends texts to every field of a target that is one value, many fields at once: what fits a free text must be taken
 * and kept; what fits nothing must be refused with a pointer to each; what may or may not fit, either.
 */
async function tryTexts(target: Target, textsFor: (field: Field) => string[]): Promise<void> {
  const texts = target.fields
    .filter(({ kind }) => !containers.includes(kind))
    .map((field) => ({ field, texts: textsFor(field) }));
  const [taken, others]: [Sent[], Trial[]] = [[], []];
  for (let round = 0; round < Math.max(0, ...texts.map((one) => one.texts.length)); round += 1) {
    const sent = texts.flatMap(({ field, texts: own }, place) => {
      // Fields that stand side by side are sent different strings.
      const text = own[(round + 7 * place) % own.length];
      return round < own.length ? [[field, text!] as const] : [];
    });
    const by = Map.groupBy(sent, ([field, text]) => expectationOf(target, field, text));
    const of = (must: Trial['must']) => by.get(must) ?? [];
    for (const must of ['refuse', 'either'] as const) {
      if (of(must).length > 0) others.push(trial(target, of(must), { what: nameOf(of(must)), must }));
    }
    if (of('take').length > 0) {
      taken.push({ ...trial(target, of('take'), { what: nameOf(of('take')), must: 'take' }), changes: of('take') });
    }
  }
  await judge.tryAll(others.filter(({ must }) => must === 'refuse'));
  await judge.expectNothingLeft(target.route.name);
  // One that is taken may leave the others a thing that takes the command no longer, which is a refusal too.
  await judge.tryAll(others.filter(({ must }) => must === 'either'));
  await judge.rewind();
  await tryTaken(target, taken);
}

type Sent = Trial & { changes: (readonly [Field, string])[] };

function expectationOf({ request }: Target, { kind, schema, pointer }: Field, text: string): Trial['must'] {
  if (kind === 'email') return 'either';
  if (kind === 'word') return schema.enum!.includes(text) ? 'either' : 'refuse';
  if (kind !== 'text' && kind !== 'pattern') return 'refuse';
  if (!hostile.fits(text, schema)) return 'refuse';
  return kind === 'pattern' || request.exact?.includes(pointer) ? 'either' : 'take';
}

/**
 * Sends texts that must be taken, and looks for each of them in what the database then holds. Of a command that a thing
 * takes only once, most are sent with an ETag of no version: they come as far as that, and change nothing.
 */
async function tryTaken(target: Target, trials: readonly Sent[]): Promise<void> {
  if (!target.request.moves) {
    const lanes = inLanes(trials).map(async (lane) => {
      for (const one of lane) expectEchoed(target, one, await judge.try(one));
    });
    await Promise.all(lanes);
    if (target.request.leaves === 'nothing') await judge.expectNothingLeft(target.route.name);
    else expectKept(trials, await judge.rewind());
    return;
  }
  const isStored = (_: Sent, at: number) => at % 4 === 0;
  const others = trials.filter((one, at) => !isStored(one, at));
  await judge.tryAll(others.map((one) => ({ ...one, must: 'mismatch' as const })));
  await judge.expectNothingLeft(target.route.name);
  for (const one of trials.filter(isStored)) {
    expectEchoed(target, one, await judge.try(one));
    expectKept([one], await judge.rewind());
  }
}

function inLanes<T>(all: readonly T[], count = 6): T[][] {
  return Array.from({ length: count }, (_, lane) => all.filter((_one, at) => at % count === lane));
}

/** Where the answer has the field, it has what was sent. */
function expectEchoed({ request }: Target, sent: Sent, { status, body }: Outcome): void {
  for (const [{ path, pointer }, text] of status < 300 ? sent.changes : []) {
    const told = request.unlike?.includes(pointer) ? undefined : valueAt(body, path);
    if (typeof told === 'string' && told !== text.normalize('NFC')) {
      judge.fault(sent, `${pointer} ${brief(text)} was read back as ${brief(told)}`);
    }
  }
}

function expectKept(trials: readonly Sent[], left: Left): void {
  const kept = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value === 'string') kept.add(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  collect(left);
  for (const sent of trials) {
    for (const [{ pointer }, text] of sent.changes) {
      if (!kept.has(text.normalize('NFC'))) judge.fault(sent, `${pointer} ${brief(text)} is nowhere in the database`);
    }
  }
}

/** Values at the edges of what a kind of field may hold, of which some fit. */
function edgesOf({ kind, schema }: Field): unknown[] {
  if (kind === 'word') return schema.enum!;
  if (kind === 'words')
    return [[], [schema.items?.enum ?? []].flat(), ...(schema.items?.enum ?? []).map((one) => [one])];
  return edges[kind] ?? [];
}

const edges: Partial<Record<Kind, unknown[]>> = {
  flag: [true, false],
  count: [0, 1, 2, 2_147_483_647, 2_147_483_648, 4_294_967_296, Number.MAX_SAFE_INTEGER],
  date: [
    '0000-01-01',
    '0001-01-01',
    '1969-12-31',
    '2026-02-28',
    '2026-02-29',
    '2026-03-01',
    '9999-12-31',
    '+002026-03-01',
  ],
  instant: [
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '1969-12-31T23:59:59.999Z',
    '2026-02-29T00:00:00Z',
    '2026-03-02T09:00:00Z',
    '2026-03-02T09:00:00.000000001Z',
    '2026-03-02T24:00:00Z',
    '2026-03-03T00:00:00z',
    '2026-03-03T00:00:00+00:00',
    '2026-03-03T00:00:00-00:00',
    '2026-03-03 00:00:00Z',
    '2026-06-30T23:59:60Z',
    '9999-12-31T23:59:59.999Z',
    '+010000-01-01T00:00:00Z',
    '-000001-01-01T00:00:00Z',
  ],
  id: [
    '00000000-0000-0000-0000-000000000000',
    '00000000-0000-7000-8000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'FFFFFFFF-FFFF-7FFF-8FFF-FFFFFFFFFFFF',
    '{00000000-0000-7000-8000-000000000000}',
    '00000000000070008000000000000000',
  ],
  email: [
    'somebody@rival.example',
    'SOMEBODY@RIVAL.EXAMPLE',
    '"a b"@rival.example',
    '"a\r\nBcc: b"@rival.example',
    '"\u0001"@rival.example',
    '"\u0000"@rival.example',
    'e\u0301@rival.example',
    '\u202ea@rival.example',
    '\u0130@rival.example',
    'a@[127.0.0.1]',
    'a@localhost',
    `${'a'.repeat(64)}@${'b'.repeat(63)}.example`,
    `${'a'.repeat(200)}@rival.example`,
  ],
  texts: [[], ...hostile.worst.map((text) => [text]), hostile.worst.slice(0, 15), ['\u00e9', 'e\u0301']],
};

/** Every place of a JSON value with what stands there. */
function* placesOf(value: unknown, path: Field['path'] = []): Iterable<[Field['path'], unknown]> {
  if (path.length > 0) yield [path, value];
  for (const [name, member] of typeof value === 'object' && value !== null ? Object.entries(value) : []) {
    yield* placesOf(member, [...path, Array.isArray(value) ? Number(name) : name]);
  }
}

/** The places of the terms of a valid draft. */
function termsPlaces({ request }: Target): [Field, unknown][] {
  const { terms } = request.body(0) as { terms: object };
  return [...placesOf(terms)].map(([inner, value]) => {
    const path = ['terms', ...inner];
    return [{ path, pointer: pointerTo(path), kind: 'json', schema: {}, optional: false }, value];
  });
}

const optionalTerms = /\/(autoApprove|filter\/modelId|filter\/purpose)$/;

function* termsTrials(target: Target): Iterable<Trial> {
  const one = (field: Field, value: unknown): Trial =>
    trial(target, [[field, value]], { what: nameOf([[field, value]]), must: 'refuse' });
  for (const [at, [field, value]] of termsPlaces(target).entries()) {
    const wrong = hostile.wrongTerms(value).filter((other) => other !== null || !optionalTerms.test(field.pointer));
    for (const turn of [0, 1]) yield one(field, wrong[(at + 2 * turn) % wrong.length]);
    yield one(field, hostile.brokenLiterals[at % 4]);
    if (typeof field.path.at(-1) === 'string' && !optionalTerms.test(field.pointer)) yield one(field, absent);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    const path = [...field.path, ['unknown', 'a/b', ''][at % 3]!];
    yield one({ ...field, path, pointer: pointerTo(path) }, 1);
  }
}

/** Values that may fit a place of the terms; NUL is told of by a test of its own. */
function* termsEdges(target: Target): Iterable<Trial> {
  const texts = [...hostile.worst.filter((text) => !text.includes('\u0000')), ...edges.instant!];
  const own: Record<string, unknown[]> = { number: edges.count!, string: texts, boolean: edges.flag! };
  for (const [at, [field, value]] of termsPlaces(target).entries()) {
    const all = own[typeof value] ?? [];
    for (const edge of Array.from(
      { length: Math.min(3, all.length) },
      (_, turn) => all[(5 * at + turn) % all.length],
    )) {
      yield { ...trial(target, [[field, edge]], { what: nameOf([[field, edge]]), must: 'either' }), pointers: [] };
    }
  }
}

/** Drafts an agreement whose prose and terms hold every naughty string, and prints it. */
async function draftOfEverything(target: Target): Promise<{ at: string[]; page: string }> {
  const body = target.request.body((serial += 1)) as { prose: object[]; terms: { data: object } };
  const fitting = [...hostile.worst, ...hostile.naughty].filter((text) => hostile.fits(text, { maxLength: 2_000 }));
  const headings = fitting.filter((text) => hostile.fits(text, {}));
  const clauses = Array.from({ length: 180 }, (_, at) => ({
    clauseId: `n${at}`,
    heading: headings[at % headings.length],
    text: [0, 180, 360].map((from) => fitting[(from + at) % fitting.length]).join(' | '),
  }));
  const compensatingControls = fitting.slice(0, 500).map((text) => ({ clauseRef: '9', text }));
  const whole = {
    ...body,
    prose: [...body.prose, ...clauses],
    terms: { ...body.terms, data: { ...body.terms.data, compensatingControls } },
  };
  const sent = { ...trial(target, [], { what: 'every naughty string', must: 'take' }), body: whole };
  const made = (await judge.try(sent)).body as { id: string };
  const page = await fetch(`${stage.apiUrl}/v1/agreements/${made.id}/redline/page?from=1&to=1`, {
    headers: { Authorization: `Bearer ${target.request.by.token}` },
  });
  expect(page.status).toBe(200);
  return { at: fitting, page: await page.text() };
}

/** Ids of things that are there, for the placeholders of a path. */
function pathOf(path: string): string {
  const ids: Record<string, string> = {
    partners: things.partners.free,
    'signing-keys': things.keys.proved.id,
    agreements: things.executed.id,
    amendments: things.amendments.negotiated.id,
    notices: things.notices.breach,
    terminations: things.termination,
    'approval-delegations': things.delegation,
    suspensions: things.suspension,
    obligations: things.owed.open,
    'publication-reviews': things.owed.review,
    templates: things.template.name,
    campaigns: things.work.active,
    'key-requests': things.work.waiting,
    keys: things.work.key,
    roster: things.work.entry,
    runs: things.work.run,
  };
  const own = ids[path.split('/')[2]!] ?? things.executed.id;
  return path.replace('{number}', '1').replaceAll(/\{\w+\}/g, own);
}

/** Somebody who may call a route, whatever comes of it. */
async function whoMay(route: Route): Promise<string | undefined> {
  const known = targets.find((target) => target.route.name === route.name);
  if (known) return known.request.by.token;
  const url = stage.apiUrl + route.path.replaceAll(/\{\w+\}/g, 'nothing');
  for (const { token } of Object.values(things.people)) {
    const { status } = await judge.try({
      ...route,
      route: route.name,
      url,
      token,
      what: 'nothing',
      must: 'either',
      body: undefined,
    });
    if (status !== 403) return token;
  }
  throw new Error(`Nobody may call ${route.name}.`);
}

async function queryTrials(route: Route): Promise<Trial[]> {
  const token = await whoMay(route);
  // Both revisions are asked for where either is.
  const usual = route.query.some(({ name }) => name === 'to') ? { from: '1', to: '1' } : {};
  const one = (query: string, must: Trial['must'], name: string): Trial => ({
    route: route.name,
    method: route.method,
    url: `${stage.apiUrl}${pathOf(route.path)}?${query}`,
    token,
    what: `?${brief(query)}`,
    must,
    pointers: [`/${name}`],
  });
  const trials = route.query.flatMap((parameter) => {
    const { name, schema } = parameter;
    const [field] = fieldsOf(document, { properties: { [name]: schema } }, {});
    const values = [
      ...hostile.worst,
      ...nextNaughty('text', 8),
      ...edgesOf(field!).map(String),
      '',
      '01',
      '1.0',
      '+1',
      '201',
      '9'.repeat(30),
    ];
    const others = Object.entries(usual)
      .filter(([other]) => other !== name)
      .map(([other, value]) => `&${other}=${value}`);
    const encoded = values.map(
      (value) => [`${name}=${encodeURIComponent(value)}${others.join('')}`, queryMust(field!, value)] as const,
    );
    const odd = [`${name}=1&${name}=2`, `${name}[]=1`, `${name}[a]=1`, `${name.toUpperCase()}=1`];
    return [
      ...encoded.map(([query, must]) => one(query, must, name)),
      ...odd.map((query) => ({ ...one(query + others.join(''), 'refuse', name), pointers: [] })),
    ];
  });
  const extra = new URLSearchParams([...Object.entries(usual), ['unknown', '1']]).toString();
  // Of a command only what must be refused is sent: the rest changes something, or is refused for its body.
  const sent = route.method === 'GET' ? trials : trials.filter(({ must }) => must === 'refuse');
  return [...sent, one(extra, 'refuse', 'unknown')];
}

/** What must come of a value of a parameter; what names a thing that is not there may be answered with nothing. */
function queryMust({ kind, schema, pointer }: Field, value: string): Trial['must'] {
  if (pointer === '/version')
    return /^\d+$/.test(value) && Number.isSafeInteger(+value) && +value > 0 ? 'either' : 'refuse';
  if (kind === 'count') return /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 200 ? 'take' : 'refuse';
  if (kind === 'text') return pointer === '/cursor' || hostile.fits(value, schema) ? 'either' : 'refuse';
  if (kind === 'pattern') return hostile.fits(value, schema) ? 'either' : 'refuse';
  return edgesOf({ kind, schema } as Field).includes(value) ? 'either' : 'refuse';
}

async function pathTrials(route: Route): Promise<Trial[]> {
  const token = await whoMay(route);
  const known = targets.find((target) => target.route.name === route.name);
  const values = [
    ...hostile.strangeIds,
    ...nextNaughty('id', 6)
      .filter((text) => !/^\.+$/.test(text))
      .map(encodeURIComponent),
  ];
  return [...route.path.matchAll(/\{\w+\}/g)].flatMap(([placeholder]) =>
    [...values, things.executed.id.toUpperCase()].map((value): Trial => ({
      route: route.name,
      method: route.method,
      url:
        stage.apiUrl +
        pathOf(route.path.replace(placeholder, value)) +
        (route.path.includes('redline') ? '?from=1&to=1' : ''),
      token,
      ...(known && { body: known.request.body(0) }),
      what: `${placeholder} ${brief(value)}`,
      must: known?.request.guessed ? 'either' : 'absent',
    })),
  );
}
