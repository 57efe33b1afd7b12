import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { requireNode } from '../../harness/cli/node-floor.ts';
import { ringfence } from '../helpers/cli.ts';

/** A start that takes itself for another Node.js. */
const as = (version: string): string =>
  `--import=data:text/javascript,${encodeURIComponent(`Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`)}`;

describe('an older Node.js', () => {
  it('is told by the command, before anything that it cannot read', async () => {
    const { stderr, exitStatus } = await ringfence(['run'], { env: { NODE_OPTIONS: as('22.23.3') } });
    expect(stderr).toMatch(/^ringfence: Ringfence needs Node\.js 24\.15 or newer, and this is 22\.23\.3 \(/);
    expect(exitStatus).toBe(3);
  });

  it.for([
    ['24.14.9', false],
    ['24.15.0', true],
    ['25.0.0', true],
    ['9.99.0', false],
  ] as const)('%s: enough is %s', async ([version, enough]) => {
    const { engines } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    const check = (): void => requireNode(version, engines.node);
    if (enough) expect(check).not.toThrow();
    else expect(check).toThrow('24.15 or newer');
  });
});
