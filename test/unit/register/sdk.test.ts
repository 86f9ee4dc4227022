import { describe, expect, it } from 'vitest';
import { applicationBases } from '../../../src/register/sdk.ts';

describe('the places where packages are looked for', () => {
  it('are the script, then the folder it was started in', () => {
    expect(applicationBases(['node', 'src/app.js'], '/srv/app')).toEqual([
      '/srv/app/src/app.js',
      '/srv/app/package.json',
    ]);
    expect(applicationBases(['node'], '/srv/app')).toEqual(['/srv/app/package.json']);
  });
});
