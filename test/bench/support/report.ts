import { availableParallelism } from 'node:os';
import { MODE } from './mode.ts';
import type { Mode } from './mode.ts';
import type { Spread } from './statistics.ts';
import { ratioOf, spreadOf } from './statistics.ts';

/** One contender under one metric; `ratio` is to the metric's reference, taken round by round. */
export interface Row extends Spread {
  readonly name: string;
  readonly values: readonly number[];
  readonly ratio: Spread;
}

/** One thing that was measured, of all contenders. */
export interface Metric {
  readonly metric: string;
  readonly unit: string;
  /** The contender that the ratios are to. */
  readonly reference: string;
  readonly rows: readonly Row[];
}

/** A line of the speed budget, and what came out. */
export interface Budget {
  readonly what: string;
  readonly measured: Spread;
  readonly bound: string;
  readonly met: boolean;
}

/** What a benchmark writes to standard output with `BENCH_JSON=1`. */
export interface Report {
  readonly format: 1;
  readonly benchmark: string;
  readonly mode: Mode;
  readonly node: string;
  readonly cores: number;
  /** What took the events. */
  readonly sink: string;
  readonly metrics: readonly Metric[];
  readonly budgets: readonly Budget[];
  /** Contenders that were left out, with the reason, and whatever a reader has to know. */
  readonly notes: readonly string[];
}

/** Measurements by contender, one per round. */
export type Series = ReadonlyMap<string, readonly number[]>;

/** Makes the metric of a series. */
export function metricOf(
  { metric, unit, reference }: Pick<Metric, 'metric' | 'unit' | 'reference'>,
  series: Series,
): Metric {
  const base = series.get(reference) ?? [];
  const rows = [...series].map(([name, values]) => ({
    name,
    values,
    ...spreadOf(values),
    ratio: ratioOf(values, base),
  }));
  return { metric, unit, reference, rows };
}

/** Holds a measured figure against its line. */
export function budgetOf(
  what: string,
  measured: Spread,
  bound: { readonly atLeast: number } | { readonly atMost: number },
): Budget {
  return 'atLeast' in bound
    ? { what, measured, bound: `>= ${bound.atLeast}`, met: measured.median >= bound.atLeast }
    : { what, measured, bound: `<= ${bound.atMost}`, met: measured.median <= bound.atMost };
}

function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

function spread({ median, min, max }: Spread): string {
  return `${figure(median)} (${figure(min)}-${figure(max)})`;
}

function table(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function metricText({ metric, unit, reference, rows }: Metric): string {
  return table([
    [metric, unit, `x ${reference}`],
    ...rows.map((row) => [row.name, spread(row), spread(row.ratio)]),
  ]);
}

function text({ metrics, budgets, notes, mode, sink }: Report): string {
  const lines = budgets.map(({ what, measured, bound, met }) => [
    what,
    spread(measured),
    bound,
    met ? 'met' : 'not met',
  ]);
  const parts = metrics.map(metricText);
  if (lines.length > 0) parts.push(table([['budget', 'measured', 'line', ''], ...lines]));
  parts.push([`mode: ${mode}, sink: ${sink}`, ...notes].map((note) => `${note}\n`).join(''));
  return parts.join('\n');
}

/** Prints the tables, and with `BENCH_JSON=1` the report on standard output, alone there. */
export function print(report: Pick<Report, 'benchmark' | 'sink'> & Partial<Report>): void {
  const whole: Report = {
    format: 1,
    mode: MODE,
    node: process.version,
    cores: availableParallelism(),
    metrics: [],
    budgets: [],
    notes: [],
    ...report,
  };
  const asJson = process.env['BENCH_JSON'] === '1';
  (asJson ? process.stderr : process.stdout).write(text(whole));
  if (asJson) process.stdout.write(`${JSON.stringify(whole)}\n`);
}
