import { readFileSync } from 'node:fs';

/** The ticks of a second in which Linux counts the time of processes. */
const ticks = 100;

/** The processor seconds that a process took since it started, of all its threads. Linux alone tells. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // What follows the name, which may hold spaces: from the third field on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

/** The most memory that a process ever held, in MiB. Linux alone tells. */
export function peakMiBOf(pid: number): number {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1];
  return Math.round(Number(kibibytes) / 1_024);
}
