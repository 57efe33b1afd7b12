import { describe, expect, it } from 'vitest';
import { ringfence } from '../helpers/cli.ts';

/** A start in which no package can be loaded: `./ringfence` fetches none for these commands. */
const WITHOUT_PACKAGES = `--import=data:text/javascript,${encodeURIComponent(`
import { registerHooks } from 'node:module';
registerHooks({
  resolve(name, context, next) {
    const found = next(name, context);
    if (found.url.includes('/node_modules/')) throw new Error('the package ' + name + ' is loaded');
    return found;
  },
});`)}`;

describe.concurrent('without any package', () => {
  it('help is there', async () => {
    const { stdout, stderr } = await ringfence(['help'], { env: { NODE_OPTIONS: WITHOUT_PACKAGES } });
    expect(stderr).toBe('');
    expect(stdout).toContain('Usage: ./ringfence COMMAND');
  });

  it('doctor is there', async () => {
    const { stdout, stderr } = await ringfence(['doctor'], { env: { NODE_OPTIONS: WITHOUT_PACKAGES } });
    expect(stderr).not.toContain('is loaded');
    expect(stdout).toContain('Node.js');
  });

  it('a command that needs packages is not: this test can fail', async () => {
    const { stderr } = await ringfence(['list'], { env: { NODE_OPTIONS: WITHOUT_PACKAGES } });
    expect(stderr).toContain('the package valibot is loaded');
  });
});
