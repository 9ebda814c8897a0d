import { existsSync } from 'node:fs';

/** Where a family of public test vectors lies; they are shared by several projects and none is copied into this one. */
export function vectors(folder: string): { url: URL; absent: boolean; note: string } {
  const url = new URL(`../../../shared/vectors/${folder}/`, import.meta.url);
  const absent = !existsSync(url);
  return { url, absent, note: absent ? ` (skipped: no folder ${url.pathname})` : '' };
}
