import { QuotaMetric } from '../terms/terms.js';
import { RollingUnit } from './rolling.js';

/** A window while a transaction holds it. */
export interface HeldWindow {
  id: string;
  quotaId: string;
  metric: QuotaMetric;
  currency: string | null;
  /** For a window that slides, how long it is and from which bucket on it counts. */
  unit: RollingUnit | null;
  countedFrom: Date | null;
  endsAt: Date;
  hard: boolean;
  limit: number;
  /** What is left, as this transaction sees it and lowers it. */
  room: number;
}

/** How one window is to change. */
export interface Entry {
  windowId: string;
  /** Added to what is reserved; negative where a reservation ends. */
  leased: number;
  /** Added to what was used. */
  used: number;
  /** Of what is added to use, how much is only taken to be used; negative where a report corrects it. None when left out. */
  assumed?: number;
  /** How many uses it stands for that nothing priced; none when left out. */
  unpriced?: number;
  /** The beginning of the bucket that counts it, for a window that slides. */
  bucket?: Date | null;
}
