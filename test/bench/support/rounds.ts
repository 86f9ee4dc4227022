import { ROUNDS, byMode } from './mode.ts';
import { NOT_IN_BUILD } from './not-in-build.ts';
import type { Answer, Program } from './programs.ts';
import { numberIn, startProgram } from './programs.ts';
import type { Series } from './report.ts';

/** What all contenders did. */
export interface Rounds {
  /** Takes one figure out of the answers of all rounds. */
  series(figure: string): Series;
  /** One line for each contender that was left out. */
  readonly notes: readonly string[];
}

const SECONDS = byMode(2, 0.4, 0);
/** Time for the compiler to see what is used, ms. */
const WARM_UP_MS = byMode(3_000, 1_000, 0);
const WAVE = 2048;

/** Who takes part, and against what. */
export interface Plan {
  readonly names: readonly string[];
  readonly url: string;
  /** Events per round; left out, as many as each contender sends in a fixed time. */
  readonly events?: number;
}

interface Runner {
  readonly name: string;
  readonly program: Program;
  readonly events: number;
}

/** Starts one contender; `undefined` for one that this build does not have. */
async function start(name: string, url: string): Promise<Omit<Runner, 'events'> | undefined> {
  const program = startProgram('contender', [name, url]);
  if ((await program.ask({}))['missing'] !== true) return { name, program };
  await program.stop();
  return undefined;
}

/** Warms one contender up, and finds out how many events it sends in the time of a round. */
async function eventsFor(program: Program, fixed: number | undefined): Promise<number> {
  const events = fixed ?? byMode(WAVE, WAVE, 64);
  // Who sends so many events whatever it takes is warm after as many.
  const until = performance.now() + (fixed === undefined ? WARM_UP_MS : 0);
  let rate = 0;
  do {
    rate = numberIn(await program.ask({ events }), 'eventsPerSecond');
  } while (performance.now() < until);
  // Whole waves, so that no round ends in a small one.
  const waves = Math.round((rate * SECONDS) / WAVE);
  return byMode(WAVE, WAVE, 64) * Math.max(waves, 1);
}

/**
 * Runs all contenders in each round, one after the other, beginning with another one each time:
 * what disturbs the machine for a while disturbs all of them alike.
 */
export async function interleave(plan: Plan): Promise<Rounds> {
  const started = await Promise.all(plan.names.map((name) => start(name, plan.url)));
  const notes = plan.names
    .filter((_, index) => started[index] === undefined)
    .map((name) => `${name}: ${NOT_IN_BUILD}`);
  const runners: Runner[] = [];
  for (const runner of started) {
    if (runner === undefined) continue;
    const events = await eventsFor(runner.program, plan.events);
    runners.push({ ...runner, events: plan.events ?? events });
  }
  const answers = new Map<string, Answer[]>(runners.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    const first = round % runners.length;
    for (const { name, program, events } of [...runners.slice(first), ...runners.slice(0, first)]) {
      answers.get(name)?.push(await program.ask({ events }));
    }
  }
  await Promise.all(runners.map(({ program }) => program.stop()));
  return {
    notes,
    series: (figure) =>
      new Map([...answers].map(([name, all]) => [name, all.map((one) => numberIn(one, figure))])),
  };
}
