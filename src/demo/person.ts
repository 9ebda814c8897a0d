import { minute, SettableClock } from '../kernel/clock.js';

/** Everybody's password. */
export const password = 'correct horse battery staple';

/** A refusal that the story did not expect. */
export class UnexpectedAnswer extends Error {}

/** One person of the story with a browser of their own, so to speak: everything they do goes over HTTP. */
export class Person {
  private token: { value: string; until: number } | null = null;

  constructor(
    readonly name: string,
    readonly email: string,
    private readonly apiUrl: string,
    private readonly clock: SettableClock,
  ) {}

  /** Opens their account with an invitation. */
  async join(invitation: string): Promise<this> {
    const body = { token: invitation, email: this.email, name: this.name, password };
    const withoutAddress = { token: invitation, name: this.name, password };
    const first = this.email.startsWith('admin@');
    await call(this.apiUrl, 'POST', '/v1/invitations/accept', { body: first ? body : withoutAddress });
    return this;
  }

  async post<T = Record<string, unknown>>(path: string, body: object = {}): Promise<T> {
    return (await call(this.apiUrl, 'POST', path, { body, token: await this.freshToken() })) as T;
  }

  async get<T = Record<string, unknown>>(path: string): Promise<T> {
    return (await call(this.apiUrl, 'GET', path, { token: await this.freshToken() })) as T;
  }

  /** A file, as its text. */
  async download(path: string): Promise<string> {
    return (await call(this.apiUrl, 'GET', path, { token: await this.freshToken(), raw: true })) as string;
  }

  /** Every row of a list. */
  async all<T = Record<string, unknown>>(path: string): Promise<T[]> {
    const rows: T[] = [];
    let cursor: string | null = null;
    do {
      const separator = path.includes('?') ? '&' : '?';
      const page: { data: T[]; next_cursor: string | null } = await this.get(
        `${path}${separator}limit=200${cursor ? `&cursor=${cursor}` : ''}`,
      );
      rows.push(...page.data);
      cursor = page.next_cursor;
    } while (cursor);
    return rows;
  }

  /** A token whose log-in is young enough to sign with. */
  async freshToken(): Promise<string> {
    const now = this.clock.now().getTime();
    if (this.token && now < this.token.until) return this.token.value;
    const body = { email: this.email, password };
    const { accessToken } = (await call(this.apiUrl, 'POST', '/v1/sessions', { body })) as { accessToken: string };
    this.token = { value: accessToken, until: now + 4 * minute };
    return accessToken;
  }
}

interface Call {
  body?: object;
  token?: string;
  raw?: boolean;
}

/** One request; anything but success ends the story. */
export async function call(origin: string, method: string, path: string, { body, token, raw }: Call): Promise<unknown> {
  const response = await fetch(origin + path, {
    method,
    headers: {
      ...(body && { 'Content-Type': 'application/json' }),
      ...(token && { Authorization: `Bearer ${token}` }),
    },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new UnexpectedAnswer(`${method} ${path} answered ${response.status}: ${text}`);
  return raw || text === '' ? text : JSON.parse(text);
}
