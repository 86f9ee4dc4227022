import type { Processor } from './sdk-types.ts';

/**
 * Puts a processor in the place of a placeholder in a provider that the SDK made from a
 * configuration file.
 *
 * The SDK (2.12 to 3.1) knows no exporter but its own in such a file, and takes processors
 * nowhere but in the constructor of a provider, which it calls itself. The list of processors
 * is no part of its public interface; so its shape is checked, and the answer is whether it was
 * as expected.
 */
export function replaceProcessor(provider: unknown, index: number, processor: Processor): boolean {
  const list = processorList(provider);
  const placeholder = list?.[index];
  if (list === undefined || !isProcessor(placeholder)) return false;
  list[index] = processor;
  void placeholder.shutdown();
  return true;
}

const PATHS = [
  ['_activeSpanProcessor', '_spanProcessors'],
  ['_sharedState', 'activeProcessor', 'processors'],
];

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function processorList(provider: unknown): unknown[] | undefined {
  for (const path of PATHS) {
    const list = path.reduce(member, provider);
    if (isList(list)) return list;
  }
  return undefined;
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function isProcessor(value: unknown): value is Processor {
  return typeof member(value, 'shutdown') === 'function';
}

/** The provider behind the proxy that the API hands out. */
export function providerBehind(global: unknown): unknown {
  for (const name of ['getDelegate', '_getDelegate']) {
    const get = member(global, name);
    if (typeof get === 'function') return Reflect.apply(get, global, []) ?? global;
  }
  return global;
}
