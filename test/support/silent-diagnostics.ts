import type { Diagnostics, Notice } from '../../src/runtime/diagnostics.ts';

/** Diagnostics that only remember. */
export interface RememberedDiagnostics extends Diagnostics {
  readonly notices: readonly Notice[];
}

/** Makes one that has heard nothing yet. */
export function rememberedDiagnostics(): RememberedDiagnostics {
  const notices: Notice[] = [];
  return {
    notices,
    report(notice) {
      notices.push(notice);
    },
  };
}
