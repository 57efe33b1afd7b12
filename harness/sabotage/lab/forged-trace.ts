/** The heading's second line and the empty one, of SIPp 3.6 to 3.8: see callers/sipp/sipp-trace.ts. */
const INVITE_SENT = /(message sent [[(])(\d+)(\]? bytes\)?\s*:\r?\n\r?\n)(?=INVITE sip:([^@\s]+)@)/g;

/**
 * SIPp's trace with other header lines in the INVITEs that were sent, as if they had gone out so.
 *
 * @param linesOf by callee: the lines, CRLF between them, that stand where `Max-Forwards: 70` stood
 */
export function forgeTrace(log: Buffer, linesOf: ReadonlyMap<string, string>): Buffer {
  const text = log.toString('latin1'); // one character per byte, so that lengths agree
  const forged = text.replaceAll(INVITE_SENT, (heading, sent: string, length: string, rest: string, callee: string) => {
    const lines = linesOf.get(callee);
    if (lines === undefined) return heading;
    return `${sent}${Number(length) + lines.length - MAX_FORWARDS.length}${rest}`;
  });
  // Each INVITE is followed by its first Max-Forwards.
  const withLines = forged.replaceAll(
    /(\nINVITE sip:([^@\s]+)@[^\n]*\r?\n(?:[^\n]+\n)*?)Max-Forwards: 70(?=\r?\n)/g,
    (all, head: string, callee: string) => {
      const lines = linesOf.get(callee);
      return lines === undefined ? all : `${head}${lines}`;
    },
  );
  return Buffer.from(withLines, 'latin1');
}

const MAX_FORWARDS = 'Max-Forwards: 70';
