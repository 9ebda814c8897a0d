/** An instant as milliseconds. */
const milliseconds = (column: string) => `extract(epoch FROM ${column}) * 1000`;

const rows = (list: string, from: string, order = 'id') =>
  `(SELECT coalesce(jsonb_agg(jsonb_build_array(${list}) ORDER BY ${order}), '[]') FROM ${from})`;

const ofTexts = 'text_id IN (SELECT id FROM texts)';
const own = 'WHERE organisation_id = $1';

const textColumns = `state, turn, round, head_number, head_digest, head_side, sign_by, proposed_number, version`;

/** What stands: everything that the model has an opinion about, and what the last command added to the log. */
export const factsSql = `
WITH texts AS (
  SELECT id, 'original' AS kind, ${textColumns}, ended_at, supersedes_id, NULL::integer AS base, NULL::timestamptz AS begins
  FROM agreement ${own}
  UNION ALL
  SELECT id, kind, ${textColumns}, NULL, NULL, base_number, effective_from FROM amendment ${own}
)
SELECT ${rows('state, submitted_by', `partner_organisation WHERE id = $1`)} AS partner,
  ${rows('kind, email', `partner_contact ${own} AND removed_at IS NULL`)} AS contacts,
  ${rows(
    `id, kind, state, turn, round, head_number, head_side, ${milliseconds('sign_by')}, proposed_number IS NOT NULL,
     ${milliseconds('ended_at')}, supersedes_id, base, ${milliseconds('begins')}, head_digest`,
    'texts',
  )} AS texts,
  ${rows('text_id, number, digest, author_id, author_side', `agreement_revision WHERE ${ofTexts}`)} AS revisions,
  ${rows('text_id, round, stage, approver_id, on_behalf_of', `agreement_approval WHERE ${ofTexts}`)} AS approvals,
  ${rows('text_id, round, party, signer_id', `agreement_signature WHERE ${ofTexts}`)} AS signatures,
  ${rows(
    `agreement_id, number, kind, text_id, ${milliseconds('effective_from')}, ${milliseconds('executed_at')}`,
    `agreement_version ${own}`,
  )} AS versions,
  ${rows(
    `agreement_id, kind, state, served_side, ${milliseconds('deemed_received_at')}, ${milliseconds('acknowledged_at')},
     cure_days`,
    `notice ${own}`,
  )} AS notices,
  ${rows('agreement_id, kind, state, proposed_by, notice_id', `termination ${own}`)} AS terminations,
  ${rows(
    `scope, agreement_id, ${milliseconds('suspended_at')}, lift_proposed_by, ${milliseconds('lifted_at')}`,
    `suspension ${own}`,
  )} AS suspensions,
  ${rows('stage, delegator_id, delegate_id, revoked_at IS NOT NULL', 'approval_delegation')} AS delegations,
  ${rows(`event, subject_id, ${milliseconds('boundary')}`, 'boundary_event', 'told_at')} AS told,
  ${rows('action, subject_id, log, actor_id, id', `audit_entry WHERE log IN ('internal', $2) AND id > $3`)} AS entries,
  ${rows('text_id, command, from_state, to_state, shown, id', `text_transition WHERE ${ofTexts} AND id > $4`)} AS moves
`;

/** Entries that time alone brings about and that move no text. */
const boundaryEvents = `('agreement.entered_into_force', 'agreement.expiry_near', 'agreement.expired',
  'amendment.took_effect')`;
const clockEvents = `('notice.deemed_received', 'notice.cure_lapsed', 'suspension.undecided', 'agreement.lapsed',
  'amendment.lapsed')`;

const past = `('executed', 'terminated', 'superseded')`;

const signed = (party: string) => `(SELECT min(s.id::text) FROM agreement_signature s WHERE s.text_id = v.text_id
  AND s.round = v.round AND s.digest = v.digest AND s.party = '${party}')`;

/** What must hold whatever was done; each row names a promise that is broken, and by what. */
const promises: readonly (readonly [promise: string, sql: string])[] = [
  [
    'Versions count from 1, each begins after the one before and none in the past.',
    'SELECT id FROM v WHERE number <> place OR effective_from <= earlier OR effective_from < executed_at',
  ],
  [
    'A text is executed exactly if a version of its head and round was made.',
    `SELECT id FROM t WHERE (state IN ${past}) <> EXISTS (SELECT FROM v WHERE v.text_id = t.id AND v.round = t.round
       AND v.digest = t.head_digest AND v.kind = t.kind AND v.agreement_id = t.agreement_id)`,
  ],
  [
    'A version has one signature of each party that its kind asks for, over its digest and in order.',
    `SELECT id FROM v WHERE (v.kind <> 'protective' AND ${signed('evaluator')} IS NULL)
       OR (v.kind <> 'administrative' AND ${signed('provider')} IS NULL)
       OR ${signed('evaluator')} >= ${signed('provider')}`,
  ],
  [
    'Approvals that count are of the head, by different people, none an author of any revision.',
    `SELECT p.id FROM agreement_approval p JOIN t ON t.id = p.text_id AND t.round = p.round
     WHERE t.state IN ('in_approval', 'out_for_signature', 'executed', 'terminated', 'superseded') AND (
       p.digest <> t.head_digest
       OR EXISTS (SELECT FROM agreement_revision r WHERE r.text_id = t.id AND r.author_id IN (p.approver_id, p.on_behalf_of))
       OR EXISTS (SELECT FROM agreement_approval o WHERE o.text_id = p.text_id AND o.round = p.round AND o.id <> p.id
         AND (o.approver_id IN (p.approver_id, p.on_behalf_of) OR o.on_behalf_of IN (p.approver_id, p.on_behalf_of))))`,
  ],
  [
    'What is out for signature or beyond was approved in its round.',
    `SELECT id FROM t WHERE state IN ('out_for_signature', 'executed', 'terminated', 'superseded') AND NOT EXISTS (
       SELECT FROM agreement_approval p WHERE p.text_id = t.id AND p.round = t.round AND p.digest = t.head_digest)`,
  ],
  [
    'The head is the newest revision, and a digest is that of its bytes.',
    `SELECT t.id FROM t LEFT JOIN agreement_revision r ON r.text_id = t.id AND r.number = t.head_number
     WHERE r.digest IS DISTINCT FROM t.head_digest OR r.digest <> 'sha-256:' || encode(sha256(r.canonical), 'hex')
       OR EXISTS (SELECT FROM agreement_revision n WHERE n.text_id = t.id AND n.number > t.head_number)`,
  ],
  [
    'The history of a text is without gaps, and ends where the text stands.',
    `SELECT id FROM m WHERE from_state IS DISTINCT FROM earlier OR (newest AND to_state <> state)`,
  ],
  [
    'Each move of a text has one entry in the log.',
    `SELECT t.id FROM t WHERE (SELECT count(*) FROM m WHERE m.text_id = t.id) <> (SELECT count(*) FROM log
       WHERE log.subject_id = t.id::text AND log.subject_kind IN ('agreement', 'amendment')
       AND log.action NOT IN ${boundaryEvents})`,
  ],
  [
    'A boundary is told exactly once.',
    `SELECT $1::uuid AS id WHERE (SELECT count(*) FROM boundary_event) <>
       (SELECT count(*) FROM log WHERE action IN ${boundaryEvents} OR action IN ${clockEvents})`,
  ],
  [
    'Nothing of a text that was never proposed stands in the log that the partner reads.',
    `SELECT t.id FROM t JOIN log ON log.subject_id = t.id::text WHERE NOT t.shown AND log.log <> 'internal'`,
  ],
  [
    'A stop is lifted by two people.',
    `SELECT id FROM suspension ${own} AND lifted_at IS NOT NULL
     AND (lift_proposed_by IS NULL OR lift_proposed_by = lifted_by)`,
  ],
  [
    'A termination is confirmed by another person than proposed it, and ends its agreement.',
    `SELECT c.id FROM termination c JOIN agreement a ON a.id = c.agreement_id WHERE c.organisation_id = $1
     AND c.state = 'confirmed' AND (c.confirmed_by = c.proposed_by OR a.state <> 'terminated'
       OR a.ended_at <> c.confirmed_at)`,
  ],
];

/** One statement that looks at every promise. */
export const promisesSql = `
WITH t AS (
  SELECT id, id AS agreement_id, 'original' AS kind, state, round, head_number, head_digest,
    proposed_number IS NOT NULL AS shown FROM agreement ${own}
  UNION ALL
  SELECT id, agreement_id, kind, state, round, head_number, head_digest, proposed_number IS NOT NULL
  FROM amendment ${own}
), v AS (
  SELECT id, agreement_id, text_id, number, kind, round, digest, effective_from, executed_at,
    lag(effective_from) OVER w AS earlier, row_number() OVER w AS place
  FROM agreement_version ${own} WINDOW w AS (PARTITION BY agreement_id ORDER BY number)
), m AS (
  SELECT x.id, x.text_id, x.from_state, x.to_state, t.state, lag(x.to_state) OVER w AS earlier,
    lead(x.id) OVER w IS NULL AS newest
  FROM text_transition x JOIN t ON t.id = x.text_id WINDOW w AS (PARTITION BY x.text_id ORDER BY x.id)
), log AS (
  SELECT log, action, subject_kind, subject_id FROM audit_entry WHERE log IN ('internal', $2)
)
${promises.map(([promise, sql]) => `SELECT '${promise}' AS promise, id::text FROM (${sql}) broken`).join('\nUNION ALL\n')}
`;
