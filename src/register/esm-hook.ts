import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { FoundModule, ModuleLoader } from './modules.ts';
import { loaderFrom } from './modules.ts';

interface SyncHooks {
  register(options: HookOptions): void;
  supportsSyncHooks(): boolean;
}

interface HookOptions {
  /** Modules that are left as they are. */
  readonly exclude: readonly RegExp[];
}

// This package needs no instrumentation, and must not be wrapped while it sets things up.
const OPTIONS: HookOptions = {
  exclude: [/[\\/]node_modules[\\/]opentelemetry-exporter-immutablelog[\\/]/],
};

function isSyncHooks(exports: object): exports is SyncHooks {
  return (
    typeof Reflect.get(exports, 'register') === 'function' &&
    typeof Reflect.get(exports, 'supportsSyncHooks') === 'function'
  );
}

/** The hooks that run in the thread of the application; `undefined` where Node or they are older. */
function findSyncHooks(own: ModuleLoader): SyncHooks | undefined {
  try {
    const exports = own.load('import-in-the-middle/register-hooks.mjs')?.exports;
    return exports !== undefined && isSyncHooks(exports) && exports.supportsSyncHooks()
      ? exports
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Lets instrumentations see what ES modules import; what is required they see by themselves.
 * The hook must be of the copy that the instrumentations use, so it is looked for from there.
 */
export function hookEsModules(instrumentations: FoundModule): void {
  const base = loaderFrom(instrumentations).load('@opentelemetry/instrumentation');
  if (base === undefined) return;
  const hooks = findSyncHooks(loaderFrom(base));
  if (hooks !== undefined) hooks.register(OPTIONS);
  else {
    register('@opentelemetry/instrumentation/hook.mjs', {
      parentURL: pathToFileURL(instrumentations.path),
      data: OPTIONS,
    });
  }
}
