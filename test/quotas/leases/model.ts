/** A decision as the model knows it. */
export interface ModelDecision {
  id: string;
  /** The lease that it was taken from; null where exact admission took it from the window. */
  lease: ModelLease | null;
  reserved: number;
  /** Whether a row of it is in the database. */
  written: boolean;
  /** What its report said; null while nothing was reported. */
  reported: number | null;
}

export interface ModelLease {
  id: string;
  node: number;
  granted: number;
  spent: number;
  open: boolean;
}

/** A node: what it may spend, and what it decided and did not write down yet. */
export interface ModelNode {
  lease: ModelLease | null;
  balance: number;
  journal: ModelDecision[];
}

/** A quarter of what is left is lent, divided among so many nodes. */
export const lentShare = 4;

/** The ledger of one hard window as it must be, worked out from all that ever happened; it knows no database. */
export class Model {
  readonly leases: ModelLease[] = [];
  readonly decisions: ModelDecision[] = [];
  readonly nodes: ModelNode[];
  /** Whether the key was revoked, so that nothing more is decided for it. */
  revoked = false;

  constructor(
    readonly limit: number,
    nodes: number,
  ) {
    this.nodes = Array.from({ length: nodes }, () => ({ lease: null, balance: 0, journal: [] }));
  }

  /** What leases hold that no written decision has taken over. */
  get lent(): number {
    return this.leases.reduce((sum, { open, granted, spent }) => sum + (open ? granted - spent : 0), 0);
  }

  /** What written decisions reserve. */
  get reserved(): number {
    return this.decisions.reduce((sum, one) => sum + (one.written && one.reported === null ? one.reserved : 0), 0);
  }

  get reported(): number {
    return this.decisions.reduce((sum, one) => sum + (one.reported ?? 0), 0);
  }

  get room(): number {
    return this.limit - this.lent - this.reserved - this.reported;
  }

  /** The most that all who were ever allowed could have reserved: what is promised to the outside. */
  get promised(): number {
    return this.decisions.reduce((sum, one) => sum + (one.reported ?? one.reserved), 0);
  }

  /** What the row must say. */
  row(): { leased: number; used: number; overrun: number } {
    const leased = this.lent + this.reserved;
    const used = Math.min(this.limit - leased, this.reported);
    return { leased, used, overrun: this.reported - used };
  }

  /** What a node is granted that holds so much, wants so much more, and at least so much. */
  grantOf(held: number, amount: number, least: number): number {
    const share = Math.floor(this.room / (lentShare * this.nodes.length));
    const cap = Math.min(amount, Math.max(0, share - held));
    return cap < least ? 0 : cap;
  }
}
