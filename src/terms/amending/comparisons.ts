import { childPointer } from '../../kernel/json-pointer.js';
import { differences, type AmendmentFault } from './faults.js';

// Each compares one place of two texts of terms, and answers with what makes the later one wider than the earlier one.

/** That more would be permitted at this place, and what would not be more. */
export function widened(pointer: string, detail: string, expected: string): AmendmentFault {
  return { pointer, code: 'terms.amendment_widens', detail, expected };
}

/** Everything but the members named in `narrowable` is as it was. */
export function fixed<Block extends object>(
  pointer: string,
  before: Block,
  after: Block,
  narrowable: readonly (keyof Block & string)[],
): AmendmentFault[] {
  const verdict = { code: 'terms.amendment_fixed', detail: 'A protective amendment may not change this.' } as const;
  return differences(pointer, [before, after], verdict, narrowable);
}

/** A limit stays or falls. */
export function noHigher(pointer: string, before: number, after: number): AmendmentFault[] {
  return after <= before ? [] : [widened(pointer, 'The limit would rise.', `at most ${before}`)];
}

/** A waiting time stays or grows. */
export function noLower(pointer: string, before: number, after: number): AmendmentFault[] {
  return after >= before ? [] : [widened(pointer, 'The time would be shorter.', `at least ${before}`)];
}

/** An RFC 3339 instant stays or comes earlier. */
export function noLater(pointer: string, before: string, after: string): AmendmentFault[] {
  return Date.parse(after) <= Date.parse(before)
    ? []
    : [widened(pointer, 'It would be permitted for longer.', `${before} or earlier`)];
}

/** An RFC 3339 instant stays or comes later. */
export function noEarlier(pointer: string, before: string, after: string): AmendmentFault[] {
  return Date.parse(after) >= Date.parse(before)
    ? []
    : [widened(pointer, 'It would be permitted from an earlier time.', `${before} or later`)];
}

/** A choice stays or moves towards the end of `order`, which lists the choices from the widest to the strictest. */
export function noLooser<Choice extends string | boolean>(
  pointer: string,
  order: readonly Choice[],
  before: Choice,
  after: Choice,
): AmendmentFault[] {
  const stricter = order.slice(order.indexOf(before));
  return stricter.includes(after) ? [] : [widened(pointer, 'This would be less strict.', stricter.join(', '))];
}

/** Every item of a list was in it before. */
export function nothingNew(pointer: string, before: readonly string[], after: readonly string[]): AmendmentFault[] {
  return after.flatMap((item, index) => {
    const detail = `${item} was not listed before.`;
    return before.includes(item) ? [] : [widened(childPointer(pointer, index), detail, 'an item listed before')];
  });
}
