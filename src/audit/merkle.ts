import { createHash } from 'node:crypto';

/** Leaf hash of RFC 6962 §2.1: SHA-256(0x00 ‖ data). */
export function leafHash(data: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.of(0)).update(data).digest();
}

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
}

/**
 * The Merkle tree hash of RFC 6962 §2.1 over leaf hashes that arrive one by one. It keeps one hash for each set bit
 * of the size, so a tree of any size costs logarithmic memory.
 */
export class MerkleTree {
  private readonly peaks: { height: number; hash: Buffer }[] = [];
  private leaves = 0;

  get size(): number {
    return this.leaves;
  }

  add(leaf: Buffer): void {
    this.leaves += 1;
    let peak = { height: 0, hash: leaf };
    for (let last = this.peaks.at(-1); last?.height === peak.height; last = this.peaks.at(-1)) {
      this.peaks.pop();
      peak = { height: peak.height + 1, hash: nodeHash(last.hash, peak.hash) };
    }
    this.peaks.push(peak);
  }

  /** The root of what was added so far; of nothing, SHA-256 of nothing. */
  root(): Buffer {
    const [first, ...rest] = this.peaks.toReversed();
    if (!first) return createHash('sha256').digest();
    return rest.reduce((right, { hash }) => nodeHash(hash, right), first.hash);
  }
}
