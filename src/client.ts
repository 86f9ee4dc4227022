import type { IgnoredVariable } from './config/environment.ts';
import { readEnvironment } from './config/environment.ts';
import type { ClientOptions } from './config/options.ts';
import { resolveClientConfig, resolveMappingConfig, setWorkerAside } from './config/resolve.ts';
import type { ClientStats, EncodedEvent, Limits } from './core.ts';
import { ClientCore, reportSetup } from './core.ts';
import type { AwaitedOutcome, Outcome, Receipt } from './outcome.ts';
import type { SendScope } from './delivery/send-scope.ts';
import { joinSignal } from './delivery/send-scope.ts';
import {
  dropError,
  ExporterError,
  isExporterError,
  refuseConfig,
  undeliveredError,
} from './errors.ts';
import type { ImmutableLogEvent } from './record/direct-event.ts';
import { createDirectMapper } from './record/direct-event.ts';
import type { AuditEvent } from './record/event.ts';
import { systemClock } from './runtime/clock.ts';
import { otelDiagnostics } from './runtime/diagnostics.ts';
import { systemIds } from './runtime/process.ts';
import { activeTraceId } from './runtime/suppress-tracing.ts';

/** How one event of {@link ImmutableLogClient.sendBatch} ended. */
export type SendResult =
  | {
      /** The ledger took the event. */
      readonly ok: true;
      /** What it confirmed. */
      readonly receipt: Receipt;
    }
  | {
      /** The event was lost. */
      readonly ok: false;
      /** Why, with the reason as `code`. */
      readonly error: ExporterError;
    };

/** Limits of one {@link ImmutableLogClient.send}. */
export interface SendOptions {
  /** Ends the attempt under way and any wait for the next. */
  readonly signal?: AbortSignal | undefined;
}

const ignore = (): void => {};

const cores = new WeakMap<object, ClientCore>();

/**
 * Sends audit events to ImmutableLog, with or without OpenTelemetry around: for workers, queue
 * consumers, cron jobs. Personal data in the payload is hashed before it leaves the process.
 *
 * @example
 * ```ts
 * const client = new ImmutableLogClient({ service: 'billing', env: 'production' });
 * const receipt = await client.send({ eventName: 'user.created', payload: { user_id: 'usr_1' } });
 * await client.close();
 * ```
 */
export class ImmutableLogClient {
  readonly #core: ClientCore;
  readonly #map: (event: ImmutableLogEvent) => AuditEvent;
  readonly #background: SendScope;

  /**
   * @param options - where events go; what is left out comes from the environment (`IMTBL_*`)
   * @throws {@link ExporterError} `config_invalid`, naming the option
   */
  constructor(options: ClientOptions = {}) {
    const environment = setWorkerAside(readEnvironment(process.env), options);
    const config = resolveClientConfig(options, environment, systemIds);
    const { service, env } = options;
    const mapping = resolveMappingConfig({ service, env }, environment);
    this.#core = new ClientCore(config, {
      clock: systemClock,
      ids: systemIds,
      diagnostics: otelDiagnostics,
      env: process.env,
    });
    this.#map = createDirectMapper(
      { ...mapping, now: systemClock.wallTime },
      { newId: systemIds.newId, activeTraceId },
    );
    this.#background = this.#core.adopt('background');
    cores.set(this, this.#core);
    reportSetup(otelDiagnostics, environment, config);
  }

  /**
   * Sends one event and resolves with the ledger's receipt.
   *
   * @throws {@link ExporterError} with the reason for the loss as `code`: `encode_failed` for an
   * event of the wrong shape, `aborted` when the signal fired, `rejected`, `deadline`, …
   */
  async send(event: ImmutableLogEvent, { signal }: SendOptions = {}): Promise<Receipt> {
    const outcome = await this.#settle(this.#take(event), signal);
    if (outcome instanceof ExporterError) throw outcome;
    return outcome;
  }

  /**
   * Resolves once the event is on disk: from then on it survives the process and is sent in the
   * background.
   *
   * @throws {@link ExporterError} `config_invalid` without the option `spool`; else as for
   * {@link ImmutableLogClient.send}, `spool_full` when it could be neither stored nor sent,
   * `deadline` or `aborted` when the disk did not answer in time
   */
  async record(event: ImmutableLogEvent, { signal }: SendOptions = {}): Promise<void> {
    const { config } = this.#core;
    if (config.spool === undefined) {
      refuseConfig('record() needs the option spool');
    }
    const encoded = this.#take(event);
    if (isExporterError(encoded)) throw encoded;
    const outcome = await this.#within(signal, (scope) =>
      this.#handOver(encoded, this.#sourceId(scope)),
    );
    if (outcome.kind === 'dropped') throw dropError(outcome.reason, outcome.failure);
  }

  /**
   * Sends many events, each on its own; the results are in the same order. Never rejects. All events
   * are encoded before it returns, as the list and what is in it is the caller's again then: hand a
   * list of many thousands over in parts, which also bounds the memory.
   */
  async sendBatch(events: readonly ImmutableLogEvent[]): Promise<SendResult[]> {
    const results: SendResult[] = [];
    const taken = [...events].map((event) => this.#take(event));
    // The runners share one iterator.
    const queue = taken.entries();
    const runner = async (): Promise<void> => {
      for (const [index, encoded] of queue) {
        const outcome = await this.#settle(encoded, undefined);
        results[index] =
          outcome instanceof ExporterError
            ? { ok: false, error: outcome }
            : { ok: true, receipt: outcome };
      }
    };
    const runners = Math.min(taken.length, this.#core.config.concurrency);
    await Promise.all(Array.from({ length: runners }, runner));
    return results;
  }

  /**
   * Hands an event over and returns at once. Never throws; what becomes of the event shows in
   * `stats()`, `onReceipt` and `onDrop` only.
   */
  sendAsync(event: ImmutableLogEvent): void {
    const encoded = this.#take(event);
    if (isExporterError(encoded)) return;
    const context = this.#core.context(this.#sourceId(this.#background));
    this.#core.submit(encoded, context, ignore);
  }

  /**
   * Resolves when everything handed in so far is settled; waits between retries are cut short. With
   * a spool: when it is on disk and, unless the ledger cannot be reached, in the ledger.
   */
  flush(): Promise<void> {
    return this.#core.flush();
  }

  /**
   * Gives each event one last attempt, ends what is left after `shutdownTimeoutMs`, and closes the
   * sockets. With a spool, what is left stays on disk. Idempotent; events sent afterwards are
   * refused as `shutdown`.
   */
  close(): Promise<void> {
    return this.#core.close();
  }

  /** What became of all events so far, those of exporters that share this client included. */
  stats(): ClientStats {
    return this.#core.stats();
  }

  /** Lets traffic flow again after the ledger stopped it (used-up quota, refused key). */
  resume(): void {
    this.#core.resume();
  }

  /** Sends one event; the error instead of the receipt when it is lost. */
  async #settle(
    encoded: EncodedEvent | ExporterError,
    signal: AbortSignal | undefined,
  ): Promise<Receipt | ExporterError> {
    if (isExporterError(encoded)) return encoded;
    const outcome = await this.#within(signal, (scope) => this.#deliver(encoded, scope));
    if (outcome.kind === 'accepted') return outcome.receipt;
    const error = undeliveredError(outcome);
    const { withheld } = this.#core.config;
    return withheld === undefined || error.code !== 'unauthorized'
      ? error
      : withheldError(withheld);
  }

  /** Does something that ends with the client, or with the caller's signal. */
  async #within<T>(
    signal: AbortSignal | undefined,
    work: (scope: SendScope) => Promise<T>,
  ): Promise<T> {
    const own = this.#core.scope;
    if (signal === undefined) return work(own);
    const { scope, release } = this.#core.inOwnContext(() => joinSignal(own, signal));
    const result = await work(scope);
    release();
    return result;
  }

  /** Until the ledger has it or will not have it, be it by way of the disk. */
  async #deliver(encoded: EncodedEvent, scope: SendScope): Promise<AwaitedOutcome> {
    const limits = { ...this.#sourceId(scope), awaited: true };
    const outcome = await this.#handOver(encoded, limits);
    if (outcome.kind !== 'spooled') return outcome;
    const { delivered } = outcome;
    if (delivered === undefined) throw new TypeError('an awaited event has nobody to tell of it');
    return delivered;
  }

  #handOver(encoded: EncodedEvent, limits: Limits): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#core.submit(encoded, this.#core.context(limits), resolve);
    });
  }

  #sourceId(scope: SendScope): Limits {
    const { clock, config } = this.#core;
    const deadline = clock.now() + config.deadlineMs;
    return { scope, sourceId: 0, awaited: false, deadline };
  }

  /** Encodes an event, which counts from here on and is the caller's again. */
  #take(event: ImmutableLogEvent): EncodedEvent | ExporterError {
    this.#core.counters.emitted();
    try {
      return this.#core.encode(this.#map(event));
    } catch (error) {
      const detail = 'not an event that can be encoded';
      const { reason, failure } = this.#core.lose(0, 'encode_failed', detail);
      return isExporterError(error) ? error : dropError(reason, failure);
    }
  }
}

function withheldError({ variable, expected }: IgnoredVariable): ExporterError {
  const sentence = `nothing is sent: ${variable} cannot be used, expected ${expected}`;
  return new ExporterError('config_invalid', sentence);
}

/**
 * The inner parts of a client, for the exporters that share it.
 *
 * @throws ExporterError `config_invalid` when it is not a client of this copy of the package.
 * @internal
 */
export function coreOf(client: object): ClientCore {
  const core = cores.get(client);
  if (core !== undefined) return core;
  refuseConfig('client must be an ImmutableLogClient');
}
