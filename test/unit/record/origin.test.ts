import { describe, expect, it } from 'vitest';
import {
  createResourceCache,
  createScopeCache,
  resolveEnv,
  resolveService,
} from '../../../src/record/origin.ts';
import { aContext } from '../../support/otel-records.ts';

describe('service', () => {
  const fallback = { serviceFallback: 'from-env' };

  it.each([
    ['the option', { service: 'option', ...fallback }, { 'service.name': 'r' }, 'option'],
    ['the resource', fallback, { 'service.name': 'r' }, 'r'],
    [
      'the environment when the SDK made the name up',
      fallback,
      { 'service.name': 'unknown_service:node' },
      'from-env',
    ],
    ['the environment when there is no name', fallback, {}, 'from-env'],
    ['the environment when the name is no text', fallback, { 'service.name': 5 }, 'from-env'],
    [
      'the environment when the names are blank',
      { service: ' ', ...fallback },
      { 'service.name': '' },
      'from-env',
    ],
    ['unknown_service at last', {}, { 'service.name': 'unknown_service:node' }, 'unknown_service'],
  ])('is %s', (_, context, attributes, service) => {
    expect(resolveService(aContext(context), attributes)).toBe(service);
  });
});

describe('env', () => {
  const fallback = { envFallback: 'from-env' };
  const both = { 'deployment.environment.name': 'new', 'deployment.environment': 'old' };

  it.each([
    ['the option', { env: 'option', ...fallback }, both, 'option'],
    ['the stable attribute', fallback, both, 'new'],
    ['the old attribute', fallback, { 'deployment.environment': 'old' }, 'old'],
    ['the environment', fallback, {}, 'from-env'],
    ['production at last', {}, {}, 'production'],
  ])('is %s', (_, context, attributes, env) => {
    expect(resolveEnv(aContext(context), attributes)).toBe(env);
  });
});

describe('createResourceCache', () => {
  it('withholds what tells of commands, executables and the owner of the process', () => {
    const attributes = {
      'service.name': 's',
      'process.pid': 1,
      'process.command': 'node',
      'process.command_args': ['--token=x'],
      'process.command_line': 'node --token=x',
      'process.executable.name': 'node',
      'process.executable.path': '/home/ana/node',
      'process.owner': 'ana',
      'process.runtime.name': 'nodejs',
    };
    expect(createResourceCache(aContext())({ attributes }).attributes).toEqual({
      'service.name': 's',
      'process.pid': 1,
      'process.runtime.name': 'nodejs',
    });
  });

  it('renders a resource once', () => {
    let reads = 0;
    const resource = {
      get attributes(): { readonly a: number } {
        reads += 1;
        return { a: 1 };
      },
    };
    const render = createResourceCache(aContext());
    expect(render(resource)).toBe(render(resource));
    expect(reads).toBe(1);
  });

  it('does not keep a resource whose attributes are pending', () => {
    const resource = { attributes: { a: 1 }, asyncAttributesPending: true };
    const render = createResourceCache(aContext(), 'read');
    expect(render(resource).attributes).toEqual({ a: 1 });
    resource.asyncAttributesPending = false;
    resource.attributes = { a: 2 };
    expect(render(resource).attributes).toEqual({ a: 2 });
    resource.attributes = { a: 3 };
    expect(render(resource).attributes).toEqual({ a: 2 });
  });

  it('does not even read one whose attributes are pending, unless it is asked to', () => {
    let reads = 0;
    const resource = {
      asyncAttributesPending: true,
      get attributes() {
        reads += 1;
        return { a: 1 };
      },
    };
    const render = createResourceCache(aContext({ service: 'own' }));
    expect(render(resource)).toMatchObject({ attributes: undefined, service: 'own' });
    expect(reads).toBe(0);
    resource.asyncAttributesPending = false;
    expect(render(resource).attributes).toEqual({ a: 1 });
  });

  it('gives no attributes for an empty resource', () => {
    expect(createResourceCache(aContext())({ attributes: {} })).toEqual({
      attributes: undefined,
      service: 'unknown_service',
      env: 'production',
    });
  });
});

describe('createScopeCache', () => {
  it('renders a scope once and keeps an empty name', () => {
    const render = createScopeCache();
    const scope = { name: '' };
    expect(render(scope)).toEqual({ name: '' });
    expect(render(scope)).toBe(render(scope));
  });

  it('gives nothing for no scope or one that cannot be read', () => {
    const broken = {
      get name(): never {
        throw new Error('no');
      },
    };
    expect(createScopeCache()(undefined)).toBeUndefined();
    expect(createScopeCache()(broken)).toBeUndefined();
  });
});
