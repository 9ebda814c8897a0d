import { Path } from './document.js';

/** JSON text that goes out as it stands, for values that no JavaScript value makes: `1e400`, a key given twice. */
export class Raw {
  constructor(readonly text: string) {}
}

/** Taken out of a body altogether. */
export const absent = Symbol('absent');

/** A copy of a body with other values at some places. */
export function withValues(body: unknown, changes: Iterable<readonly [Path, unknown]>): unknown {
  // Through JSON, so that no object stands in two places.
  const copy: unknown = JSON.parse(JSON.stringify(body));
  for (const [path, value] of changes) {
    const holder = path.slice(0, -1).reduce<unknown>((node, step) => Reflect.get(Object(node), step), copy) as object;
    const last = path.at(-1)!;
    if (value === absent) Reflect.deleteProperty(holder, last);
    else Reflect.set(holder, last, value);
  }
  return copy;
}

/** The value at a place; undefined where there is none. */
export function valueAt(body: unknown, path: Path): unknown {
  return path.reduce<unknown>((node, step) => (node === undefined ? undefined : Reflect.get(Object(node), step)), body);
}

/** A body as JSON text. A lone surrogate goes out as its escape. */
export function serialise(body: unknown): string {
  const raws: string[] = [];
  const json = JSON.stringify(body, (_key, value: unknown) =>
    value instanceof Raw ? `raw-${raws.push(value.text) - 1}-raw` : value,
  );
  return json.replaceAll(/"raw-(\d+)-raw"/g, (_, place: string) => raws[Number(place)]!);
}

/** An object as text with one more member in front, whatever its name. */
export function withMember(object: object, name: string, value: unknown = 1): Raw {
  const rest = serialise(object).slice(1);
  const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  return new Raw(`{${member}${rest === '}' ? '' : ','}${rest}`);
}
