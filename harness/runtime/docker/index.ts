export { ensurePulled } from './base-image.ts';
export { Owner } from './clean-up.ts';
export { type Engine, findEngine } from './engine.ts';
export { ensureImages } from './images.ts';
export { inPod } from './in-pod.ts';
export { dockerSite } from './site.ts';
