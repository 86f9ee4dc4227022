import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Limits } from '../../src/core.ts';
import { ClientCore } from '../../src/core.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import type { ClientOptions } from '../../src/config/options.ts';
import type { ClientConfig } from '../../src/config/resolve.ts';
import { resolveClientConfig } from '../../src/config/resolve.ts';
import type { Outcome } from '../../src/outcome.ts';
import type { ThreadChoice } from '../../src/worker/main-side.ts';
import type { AuditEvent } from '../../src/record/event.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { Counters } from '../../src/telemetry/counters.ts';
import { systemIds } from '../../src/runtime/process.ts';
import type { RememberedDiagnostics } from './silent-diagnostics.ts';
import { rememberedDiagnostics } from './silent-diagnostics.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { TEST_KEY } from './test-client.ts';

/** What happens to a thread. */
export interface Accident {
  readonly how: 'throw' | 'exit' | 'memory' | 'block';
  /** After so many events. */
  readonly after: number;
  /** To so many threads, one after the other. */
  readonly times: number;
  /** ms after that many events have come. @defaultValue 5 */
  readonly delay?: number;
}

/** The inner parts of a client whose thread has accidents. */
export interface FragileClient {
  readonly core: ClientCore;
  readonly diagnostics: RememberedDiagnostics;
  /** Sends an event of this number, on the account given, or on that of the client. */
  submit(
    index: number,
    limits?: Partial<Limits & { readonly counters: Counters }>,
  ): Promise<Outcome>;
}

/** The thread with an accident ahead of it. */
export function fragileThread(accident: Accident): ThreadChoice {
  const folder = temporaryFolder();
  const script = join(folder, 'thread.mjs');
  const parts = new URL('../integration/fixtures/fragile-thread.js', import.meta.url).href;
  const given = JSON.stringify({ ...accident, file: join(folder, 'accidents') });
  writeFileSync(script, `import { expectAccident } from '${parts}';\nexpectAccident(${given});\n`);
  const file = pathToFileURL(script);
  if (accident.how !== 'memory') return { file };
  return { file, resourceLimits: { maxOldGenerationSizeMb: 24 } };
}

function eventOf(index: number): AuditEvent {
  const idempotencyKey = `key-${index}`;
  const origin = { service: 'fragile', env: 'test', environment: 'test' };
  return {
    signal: 'direct',
    idempotencyKey,
    meta: { type: 'info', event_name: 'a.b', ...origin, request_id: idempotencyKey },
    payload: { index, text: 'x'.repeat(500) },
  };
}

/** Makes a client that delivers in a given thread; it ends with the test. */
export function fragileClient(
  url: string,
  thread: ThreadChoice,
  options: ClientOptions = {},
  clock: Clock = systemClock,
  replaced: Partial<ClientConfig> = {},
): FragileClient {
  const diagnostics = rememberedDiagnostics();
  const given = {
    apiKey: TEST_KEY,
    url,
    worker: true,
    retry: { initialDelayMs: 5, maxDelayMs: 20 },
    shutdownTimeoutMs: 2_000,
    ...options,
  };
  const resolved = resolveClientConfig(given, readEnvironment({}), systemIds);
  const config = { ...resolved, ...replaced };
  const deps = { clock, ids: systemIds, diagnostics, env: {}, thread };
  const core = new ClientCore(config, deps);
  onTestFinished(() => core.close());
  return {
    core,
    diagnostics,
    submit(index, { counters = core.counters, ...limits } = {}) {
      const { scope } = core;
      counters.emitted();
      const deadline = clock.now() + config.deadlineMs;
      const context = core.context({ scope, sourceId: 0, awaited: false, deadline, ...limits });
      return new Promise((resolve) => {
        core.submit(core.encode(eventOf(index)), context, resolve);
      });
    },
  };
}
