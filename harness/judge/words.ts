import type { Expectation } from '../model/results.ts';

export function cite({ claims }: Pick<Expectation, 'claims'>): string {
  return claims.join(', ') || 'the expectation';
}

export function quote(line: string): string {
  return `"${line.replaceAll('\r\n', '\\r\\n')}"`;
}

/** `612 ms after the INVITE`. */
export function after(ms: number): string {
  return `${Math.round(ms)} ms after the INVITE`;
}
