import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const pages = ['README.md', ...globSync('docs/**/*.md')];

/** The text of a page without its code, where brackets are not links and hashes are not headings. */
function prose(page: string): string {
  return readFileSync(page, 'utf8')
    .replaceAll(/^```.*?^```$/gms, '')
    .replaceAll(/^ {4}.*$/gm, '');
}

/** The anchors that readers of Markdown give to the headings of a page. */
function anchors(page: string): string[] {
  return [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}

function broken(page: string): string[] {
  const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  return links
    .filter((link) => !/^https?:/.test(link))
    .filter((link) => {
      const [path, anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path!);
      if (!existsSync(target)) return true;
      return anchor !== undefined && (statSync(target).isDirectory() || !anchors(target).includes(anchor));
    })
    .map((link) => `${page}: ${link}`);
}

describe('the documentation', () => {
  it('has no link that leads nowhere, whether to a file or to a heading in it', () => {
    expect(pages.flatMap(broken)).toEqual([]);
  });

  it('can be reached from the README, page by page', () => {
    const reached = new Set(['README.md']);
    for (const page of reached) {
      for (const [, link] of prose(page).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)) {
        const target = join(dirname(page), link!);
        if (target.endsWith('.md') && existsSync(target)) reached.add(target);
      }
    }
    expect(pages.filter((page) => !reached.has(page))).toEqual([]);
  });
});
