import type { RecordedRequest } from './recorded-request.ts';

/**
 * One scripted misbehaviour. It applies to the next `times` requests that `when` picks out of those
 * the contract allows (a request that breaks the contract is refused and uses up no fault). Without
 * any other field it is ordinary service: a place holder in a script.
 *
 * @example An outage of two requests, then a quota answer
 * ```ts
 * emulator.fail([{ status: 503, times: 2 }, { status: 429, headers: { 'retry-after': '1' } }]);
 * ```
 * @example The answer is lost, although the ledger has the event
 * ```ts
 * emulator.fail({ reset: 'after' });
 * ```
 * @example One event is refused for ever, its neighbours go through
 * ```ts
 * emulator.fail({ status: 400, times: Infinity, when: ({ body }) => body.includes('usr_13') });
 * ```
 * @example Every second request fails
 * ```ts
 * emulator.fail([{}, { status: 500 }, {}, { status: 500 }]);
 * ```
 *
 * Where several fields say what happens to the answer, the first of `reset`, `hang`, `endlessBody`,
 * `slowHeadersMs` wins.
 */
export interface Fault {
  /** Which requests it is for. @defaultValue all */
  readonly when?: (request: RecordedRequest) => boolean;
  /** For how many requests; `Infinity` until `heal()`. @defaultValue 1 */
  readonly times?: number;
  /** Status to answer, 200 to 599. @defaultValue the ordinary one */
  readonly status?: number;
  /** Headers to add to the answer, or to put in place of its own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Body of the answer, as it stands. @defaultValue the ordinary one */
  readonly body?: string;
  /**
   * Whether the event goes into the ledger, whatever the answer says.
   * @defaultValue true without a `status` or with a 2xx, else false
   */
  readonly accept?: boolean;
  /** Milliseconds between the request and its answer; the event is in the ledger at once. */
  readonly delayMs?: number;
  /** Cuts the connection, before or after the event went into the ledger; nothing is answered. */
  readonly reset?: 'before' | 'after';
  /** Never answers; with `after-accept` the event is in the ledger. */
  readonly hang?: true | 'after-accept';
  /** Milliseconds between any two bytes of status line and headers. */
  readonly slowHeadersMs?: number;
  /** Status and headers at once, then a body that never comes to its end. */
  readonly endlessBody?: true;
  /**
   * Closes the next `times` new connections as soon as they are made, before any request; `when` and
   * all other fields do not apply. Connections that are open already are left alone.
   */
  readonly closeOnAccept?: true;
}
