import { describe, expect, it } from 'vitest';
import { ROOT, run } from './user.ts';

/** Nothing listens there: a publication that got as far as this would have got through. */
const NOWHERE = ['--registry', 'http://127.0.0.1:9/', '--dry-run'];

describe('npm publish', () => {
  it('of a checkout is refused, before anything is packed, and says what to do instead', async () => {
    const { exitStatus, stdout, stderr } = await run('npm', ['publish', ...NOWHERE], { cwd: ROOT });
    expect(`${stdout}${stderr}`).toContain('npm publish ./ringfence-VERSION.tgz');
    expect(`${stdout}${stderr}`).not.toContain('packaging/build.ts');
    expect(exitStatus).toBe(1);
  });
});
