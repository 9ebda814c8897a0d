import { day } from '../../kernel/clock.js';
import { childPointer } from '../../kernel/json-pointer.js';
import type { Fault } from '../../kernel/refusal.js';
import type { Values } from './filling.js';
import type { TemplateParameter } from './parameters.js';

/** What a template asks of its parameters. */
interface Asked {
  readonly parameters: readonly TemplateParameter[];
  readonly longestTermDays: number;
}

/** Every fault of the values: each parameter that is missing or wrong, in the order asked, and then each unknown one. */
export function parameterFaults(asked: Asked, values: Values): Fault[] {
  const faults = asked.parameters.flatMap((parameter) => valueFaults(parameter, values.get(parameter.name)));
  return [...faults, ...(faults.some(isOfTerm) ? [] : termFaults(asked, values)), ...unknownFaults(asked, values)];
}

function valueFaults({ name, expected, accepts }: TemplateParameter, value: unknown): Fault[] {
  const pointer = pointerTo(name);
  if (value === undefined) return [{ pointer, code: 'field.missing', detail: `${pointer} is missing.`, expected }];
  if (accepts(value)) return [];
  return [{ pointer, code: 'field.wrong', detail: `${pointer} is not ${expected}.`, expected }];
}

function unknownFaults({ parameters }: Asked, values: Values): Fault[] {
  const names = parameters.map(({ name }) => name);
  const expected = `one of: ${names.join(', ')}`;
  return [...values.keys()]
    .filter((name) => !names.includes(name))
    .map(pointerTo)
    .map((pointer) => ({ pointer, code: 'field.unknown', detail: `There is no parameter ${pointer}.`, expected }));
}

function isOfTerm({ pointer }: Fault): boolean {
  return pointer === pointerTo('effectiveFrom') || pointer === pointerTo('expiresAt');
}

/** A term that is right by itself may still be empty, or longer than the template is made for. */
function termFaults({ longestTermDays }: Asked, values: Values): Fault[] {
  const [from, until] = [String(values.get('effectiveFrom')), String(values.get('expiresAt'))];
  const length = Date.parse(until) - Date.parse(from);
  if (length > 0 && length <= longestTermDays * day) return [];
  const pointer = pointerTo('expiresAt');
  const expected = `an instant after ${from}, by at most ${longestTermDays} days`;
  return [{ pointer, code: 'field.wrong', detail: `${pointer} is not ${expected}.`, expected }];
}

function pointerTo(name: string): string {
  return childPointer('/parameters', name);
}
