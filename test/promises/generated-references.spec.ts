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

  it('that say they are written from the code are: none is left over from one that the code no longer writes', () => {
    const marked = readdirSync(referenceDirectory).filter((name) =>
      readFileSync(`${referenceDirectory}/${name}`, 'utf8').includes('Written from the code by `npm run docs`.'),
    );
    expect(marked.filter((name) => !(name in pages))).toEqual([]);
  });

  it('come out the same each time they are written', async () => {
    expect(await referencePages()).toEqual(pages);
  });
});
