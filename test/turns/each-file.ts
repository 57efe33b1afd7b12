import { afterAll, inject } from 'vitest';
import { takeTurn } from './server.ts';

afterAll(await takeTurn(inject('turns')));
