import type { Observation } from '../model/observation.ts';
import type { Expectation } from '../model/results.ts';

export function cite({ claims }: Pick<Expectation, 'claims'>): string {
  return claims.join(', ') || 'the expectation';
}

export function quote(line: string): string {
  return `"${line.replaceAll('\r\n', '\\r\\n')}"`;
}

/** What shows that a voice mail inside of the server took the call, the strongest first. */
export function arrivalsText({ innerVoicemail }: Pick<Observation, 'innerVoicemail'>): string {
  return innerVoicemail?.arrivals.map(({ seen }) => seen).join('; and ') ?? '';
}

/** `612 ms after the INVITE`. */
export function after(ms: number): string {
  return `${Math.round(ms)} ms after the INVITE`;
}
