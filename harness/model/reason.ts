/** Whether a Reason line says that somebody else took the call: `SIP;cause=200`, among whatever else it says (RFC 3326 3.1). */
export function isElsewhere(line: string): boolean {
  const [, values = ''] = /^Reason\s*:(.*)$/is.exec(line) ?? [];
  const unquoted = values.replaceAll(/"(?:\\.|[^"\\])*"/g, '""');
  return unquoted.split(',').some((value) => /^\s*SIP\s*(?:;.*)?;\s*cause\s*=\s*200\s*(?:;|$)/is.test(value));
}
