import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

/**
 * A broker with one topic of one partition in memory, for one member of one group: as much of Kafka's
 * protocol (https://kafka.apache.org/protocol) as a client needs to send a message and to get it.
 * There is no Kafka among the packages that a test could start.
 */
export interface KafkaBroker {
  /** `host:port`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Reads a request, big endian. */
class Reading {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int8 = (): number => this.#bytes.readInt8(this.#move(1));
  int16 = (): number => this.#bytes.readInt16BE(this.#move(2));
  int32 = (): number => this.#bytes.readInt32BE(this.#move(4));
  int64 = (): bigint => this.#bytes.readBigInt64BE(this.#move(8));
  text = (): string => this.#take(Math.max(0, this.int16())).toString();
  bytes = (): Buffer => this.#take(Math.max(0, this.int32()));
  list = <T>(read: () => T): T[] => Array.from({ length: Math.max(0, this.int32()) }, read);

  #move(bytes: number): number {
    this.#at += bytes;
    return this.#at - bytes;
  }

  #take(length: number): Buffer {
    return this.#bytes.subarray(this.#move(length), this.#at);
  }
}

const sized = (write: (buffer: Buffer) => void, size: number): Buffer => {
  const buffer = Buffer.alloc(size);
  write(buffer);
  return buffer;
};
const int16 = (value: number): Buffer => sized((to) => to.writeInt16BE(value), 2);
const int32 = (value: number): Buffer => sized((to) => to.writeInt32BE(value), 4);
const int64 = (value: bigint): Buffer => sized((to) => to.writeBigInt64BE(value), 8);
const text = (value: string): Buffer => Buffer.concat([int16(value.length), Buffer.from(value)]);
const bytes = (value: Buffer): Buffer => Buffer.concat([int32(value.length), value]);
const list = (...items: readonly Buffer[]): Buffer =>
  Buffer.concat([int32(items.length), ...items]);
const all = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts);

const TOPIC = 'orders';
const OK = int16(0);
/** The one version that is spoken of each request, by its number. */
const VERSIONS: Readonly<Record<number, number>> = {
  0: 3,
  1: 4,
  2: 1,
  3: 0,
  8: 2,
  9: 1,
  10: 0,
  11: 0,
  12: 0,
  13: 0,
  14: 0,
  18: 0,
};

type Answer = (request: Reading) => Buffer;

function createAnswers(port: number): Readonly<Record<number, Answer>> {
  const kept: Buffer[] = [];
  const node = all(int32(0), text('127.0.0.1'), int32(port));
  const partition = (...parts: readonly Buffer[]): Buffer =>
    list(all(text(TOPIC), list(all(int32(0), ...parts))));
  const versions = Object.entries(VERSIONS).map(([key, version]) =>
    all(int16(Number(key)), int16(version), int16(version)),
  );
  return {
    0(request) {
      request.text();
      request.int16();
      request.int32();
      const sent = request.list(() => {
        request.text();
        return request.list(() => {
          request.int32();
          return request.bytes();
        });
      });
      const offset = BigInt(kept.length);
      for (const batch of sent.flat()) kept.push(all(int64(offset), batch.subarray(8)));
      return all(partition(OK, int64(offset), int64(-1n)), int32(0));
    },
    1(request) {
      for (let skipped = 0; skipped < 4; skipped += 1) request.int32();
      request.int8();
      const [[from = 0] = []] = request.list(() => {
        request.text();
        return request.list(() => {
          request.int32();
          const offset = Number(request.int64());
          request.int32();
          return offset;
        });
      });
      const end = int64(BigInt(kept.length));
      return all(int32(0), partition(OK, end, end, int32(-1), bytes(all(...kept.slice(from)))));
    },
    2: () => partition(OK, int64(-1n), int64(0n)),
    3: () =>
      all(
        list(node),
        list(
          all(OK, text(TOPIC), list(all(OK, int32(0), int32(0), list(int32(0)), list(int32(0))))),
        ),
      ),
    8: () => partition(OK),
    9: () => partition(int64(-1n), int16(-1), OK),
    10: () => all(OK, node),
    11(request) {
      request.text();
      request.int32();
      request.text();
      request.text();
      const [protocol] = request.list(() => ({ name: request.text(), metadata: request.bytes() }));
      const { name = '', metadata = Buffer.alloc(0) } = protocol ?? {};
      return all(
        OK,
        int32(1),
        text(name),
        text('member'),
        text('member'),
        list(all(text('member'), bytes(metadata))),
      );
    },
    12: () => OK,
    13: () => OK,
    14(request) {
      request.text();
      request.int32();
      request.text();
      const [assignment = Buffer.alloc(0)] = request.list(() => {
        request.text();
        return request.bytes();
      });
      return all(OK, bytes(assignment));
    },
    18: () => all(OK, list(...versions)),
  };
}

function serve(socket: Socket, answers: Readonly<Record<number, Answer>>): void {
  let left: Buffer = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    left = Buffer.concat([left, chunk]);
    while (left.length >= 4 && left.length >= 4 + left.readInt32BE(0)) {
      const size = left.readInt32BE(0);
      const request = new Reading(left.subarray(4, 4 + size));
      left = left.subarray(4 + size);
      const [key, version, correlation] = [request.int16(), request.int16(), request.int32()];
      request.text();
      // A version that is not spoken is answered in the oldest form, which says which is.
      const body = VERSIONS[key] === version ? answers[key]?.(request) : all(int16(35), list());
      socket.write(bytes(all(int32(correlation), body ?? OK)));
    }
  });
}

/** Starts one on a free port of loopback. */
export async function startKafkaBroker(): Promise<KafkaBroker> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    serve(socket, answers);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = server.address() as AddressInfo;
  const answers = createAnswers(port);
  return {
    address: `127.0.0.1:${port}`,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
