/** A request of a caller's in bytes: what its edge changes, and nothing else, because the variant's lines must go out as they are. */

export interface RequestChanges {
  /** Value of its only Via. */
  readonly via: string;
  /** Number of its CSeq. */
  readonly cseq: number;
  /** Host, port and parameters of its Contact's URI. */
  readonly contactAt: string;
  /** Header lines that follow the CSeq. */
  readonly lines: readonly string[];
}

/** The first Via, CSeq and Contact stand on a line each, and before any header line of a variant: so the callers' scripts have them. */
export function changedRequest(bytes: Buffer, { via, cseq, contactAt, lines }: RequestChanges): Buffer {
  const text = bytes.toString('latin1');
  const headEnd = text.indexOf('\r\n\r\n');
  const added = lines.map((line) => `\r\n${line}`).join('');
  const head = text
    .slice(0, headEnd)
    .replace(/^Via: [^\r\n]*/m, () => `Via: ${via}`)
    .replace(/^CSeq: \d+( \w+)/m, (_line, method: string) => `CSeq: ${cseq}${method}${added}`)
    .replace(/^Contact: <(sip:[^@>\r\n]*@)[^>\r\n]*>/m, (_line, user: string) => `Contact: <${user}${contactAt}>`);
  return Buffer.from(`${head}${text.slice(headEnd)}`, 'latin1');
}
