import type { ClientCore } from '../client-core.ts';
import type { LoadedSdk } from './load-sdk.ts';
import type { ModuleLoader } from './modules.ts';
import type { OwnExporters } from './own-exporters.ts';
import type { Processor, Stoppable } from './sdk-types.ts';

/** What a start has to go by. */
export interface StartContext {
  readonly env: NodeJS.ProcessEnv;
  readonly loader: ModuleLoader;
  readonly sdk: LoadedSdk;
  readonly own: OwnExporters;
}

/** A set-up that runs. */
export interface Started {
  readonly sdk: Stoppable;
  /** Ours and those beside it, as far as they are known. */
  readonly processors: readonly Processor[];
  /** The clients behind our exporters. */
  readonly cores: readonly ClientCore[];
  /** What was set up, in one sentence. */
  readonly summary: string;
}
