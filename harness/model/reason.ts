/** Whether a Reason line says that somebody else took the call: `SIP;cause=200`, among whatever else it says (RFC 3326 3.1). */
export function isElsewhere(line: string): boolean {
  return reasonValues(line).some((value) => {
    const unquoted = value.replaceAll(QUOTED, '""');
    return /^SIP\s*(?:;.*)?;\s*cause\s*=\s*200\s*(?:;|$)/is.test(unquoted);
  });
}

const QUOTED = /"(?:\\.|[^"\\])*"/g;

/** `Reason: SIP;cause=200, Q.850;cause=26` -> its two values; none where it is no Reason line. A comma in quotes parts nothing. */
export function reasonValues(line: string): string[] {
  const [, values = ''] = /^Reason\s*:(.*)$/is.exec(line) ?? [];
  return (values.match(/(?:"(?:\\.|[^"\\])*"|[^,"])+/g) ?? []).map((value) => value.trim());
}
