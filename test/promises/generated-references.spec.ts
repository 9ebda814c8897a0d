import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { referenceDirectory, referencePages } from '../../src/reference.js';

const advice = 'It is not what the code says; run "npm run docs".';

describe('the reference pages', () => {
  let pages: Record<string, string>;

  beforeAll(async () => {
    pages = await referencePages();
  });

  it('are, byte for byte, what the code says today', () => {
    for (const [name, content] of Object.entries(pages)) {
      const path = `${referenceDirectory}/${name}`;
      const written = existsSync(path) ? readFileSync(path, 'utf8') : '';
      // Compared as truth, because a difference of half a megabyte helps nobody.
      expect(written === content, `${path}: ${advice}`).toBe(true);
    }
  });

  it('are all written from the code: none is left over from a page that no longer exists', () => {
    expect(readdirSync(referenceDirectory).toSorted(), advice).toEqual(Object.keys(pages).toSorted());
  });

  it('come out the same each time they are written', async () => {
    expect(await referencePages()).toEqual(pages);
  });
});
