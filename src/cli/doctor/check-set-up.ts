import process from 'node:process';
import { registeredLogs } from '../../register/logs-line.ts';
import { VERSION } from '../../version.ts';
import type { CommandIo } from '../command.ts';
import { printable } from '../printable.ts';
import { formatTable } from '../table.ts';
import { checkConfiguration } from './configuration-check.ts';
import { findCopies } from './find-copies.ts';
import { PACKAGES, checkPackages } from './packages-check.ts';
import { sendTestEvent } from './test-event.ts';

/** What `doctor` is asked about the set-up. */
export interface SetUpQuestion {
  /** Whether one test event goes to the ledger. */
  readonly send: boolean;
}

function registration(present: boolean): string {
  return present ? 'a provider is registered' : 'nothing is registered in this process';
}

/** Looks at everything between the application and the ledger; the exit code. */
export async function checkSetUp({ send }: SetUpQuestion, io: CommandIo): Promise<number> {
  const section = (title: string, rows: readonly (readonly string[])[]): void => {
    io.stdout.write(`${title}\n${formatTable(rows.map((row) => ['', ...row]))}\n`);
  };
  const folder = process.cwd();
  const packages = checkPackages(findCopies(folder, PACKAGES), folder);
  const configuration = checkConfiguration(io.env);
  const { apiLogs, api } = registeredLogs(globalThis);

  section('Platform', [
    ['node', process.version],
    ['system', `${process.platform} ${process.arch}`],
    ['opentelemetry-exporter-immutablelog', VERSION],
  ]);
  section('OpenTelemetry packages that the application finds', packages.rows);
  section('Globals for logs', [
    ['@opentelemetry/api-logs (SDK 2.x)', registration(apiLogs)],
    ['@opentelemetry/api 1.10 (SDK 3.x)', registration(api)],
  ]);
  section('Configuration', configuration.rows);

  const problems = [...packages.problems, ...configuration.problems];
  if (send && configuration.problems.length > 0) {
    io.stdout.write('Test event\n  not sent: the configuration has problems\n\n');
  } else if (send) {
    const { text, problem } = await sendTestEvent(io);
    io.stdout.write(`Test event\n${text === '' ? '  not recorded\n' : indent(text)}\n`);
    if (problem !== undefined) problems.push(problem);
  }
  for (const problem of problems) io.stdout.write(`problem: ${printable(problem)}\n`);
  if (problems.length === 0) io.stdout.write('no problem found\n');
  return problems.length === 0 ? 0 : 1;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
