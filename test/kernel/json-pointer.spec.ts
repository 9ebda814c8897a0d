import { expect, it } from 'vitest';
import { childPointer, pointerTo } from '../../src/kernel/json-pointer.js';

it('a JSON pointer escapes "~" and "/" as RFC 6901 says, and the root is the empty string', () => {
  expect(childPointer('', 'a/b')).toBe('/a~1b');
  expect(childPointer('/a', '~1')).toBe('/a/~01');
  expect(pointerTo(['quotas', 0, ''])).toBe('/quotas/0/');
  expect(pointerTo([])).toBe('');
});
