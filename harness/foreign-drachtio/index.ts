/** Drachtio servers that are not ours: the real one, already running or in a container. */
export { finalStatus } from './alone.ts';
export { USUAL_CONTROL_PORT } from './ask-address.ts';
export { realDrachtioContainer } from './image.ts';
export { type TapOptions, tapDrachtio } from './tap.ts';
