import { afterAll, inject } from 'vitest';
import { takeTurn } from './server.ts';

/** Of this worker: a file that cannot be imported comes to no end. */
const worker = globalThis as { turnOver?: () => void };

worker.turnOver?.();
worker.turnOver = await takeTurn(inject('turns'));
afterAll(() => worker.turnOver?.());
