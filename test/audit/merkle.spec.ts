import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { leafHash, MerkleTree } from '../../src/audit/merkle.js';
import { vectors } from '../kernel/vectors.js';

const tlog = vectors('xmod-tlog');

describe('the Merkle tree', () => {
  it.skipIf(tlog.absent)(`has the roots that Go's x/mod computes, at all 319 sizes${tlog.note}`, () => {
    const file = readFileSync(new URL('tlog-vectors.json', tlog.url), 'utf8');
    const { roots } = JSON.parse(file) as { roots: Record<string, string> };
    const sizes = Object.keys(roots).map(Number);
    expect(sizes).toHaveLength(319);
    const tree = new MerkleTree();
    for (let size = 0; size <= Math.max(...sizes); size += 1) {
      const expected = roots[String(size)];
      expect(tree.size).toBe(size);
      if (expected !== undefined) expect(tree.root().toString('base64'), `size ${size}`).toBe(expected);
      tree.add(leafHash(Buffer.from(`leaf ${size}`)));
    }
  });

  it('of nothing is SHA-256 of nothing', () => {
    expect(new MerkleTree().root().toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  it('tells a leaf from a node that has the same bytes', () => {
    const [one, two] = [leafHash(Buffer.from('1')), leafHash(Buffer.from('2'))];
    const tree = new MerkleTree();
    tree.add(one);
    tree.add(two);
    expect(tree.root()).not.toEqual(leafHash(Buffer.concat([one, two])));
  });

  it('changes its root with every leaf, and asking for it changes nothing', () => {
    const tree = new MerkleTree();
    const seen = new Set<string>();
    for (let size = 0; size < 1_000; size += 1) {
      const root = tree.root().toString('hex');
      expect(tree.root().toString('hex')).toBe(root);
      seen.add(root);
      tree.add(leafHash(Buffer.from('the same leaf')));
    }
    expect(seen.size).toBe(1_000);
  });
});
