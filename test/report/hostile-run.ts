import type { SeenMessage } from '../../harness/model/observation.ts';
import type { RunResults } from '../../harness/model/results.ts';
import { sample } from '../results/sample.ts';

/** Ends elements, attributes, strings and comments of every format; steers terminals; hides. All of it asks to be run. */
export const HOSTILE = [
  `"'\`><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>`,
  '</script></style></title></textarea><!-- --> ]]> ]]&gt; &lt;b&gt; {{alert(5)}} $'.concat('{alert(4)}'),
  "');alert(6);//\\u0027+alert(7)+'",
  '\u001b[2J\u001b]0;owned\u0007\u009b31m\u0000\u0008\r\nSet: line\u2028\u2029\u0085',
  '\u202egnp.exe\u2066\u200b\ufeff\u00ad\ud800-\udfff-\ufffe\u{e0041}',
  '<a href="https://example.test/leak">x</a><link rel=stylesheet href=https://example.test/a.css>',
].join('');

/** A header that fills a datagram. */
export const LONG = `X-Long: ${'<b>0123456789</b> '.repeat(3_400)}`;

/** As the harness records it: a character per byte. UTF-8 cut in the middle, bytes that are no UTF-8 at all, NUL. */
const BYTES = `${Buffer.from(HOSTILE, 'utf8').toString('latin1')}\x00\xc3\x28\x80\xfe\xff\xe2\x82`;

/** A long text of each kind is enough: with one in every check a browser takes a second to lay out a cell. */
function isFirst<Key extends string>(all: readonly Readonly<Record<Key, unknown>>[], index: number, key: Key): boolean {
  return all.findIndex((each) => each[key] === all[index]?.[key]) === index;
}

/** The sample with hostile text in every field that may hold any, ids included (where a slash would change the meaning, without). */
export function hostileRun(): { results: RunResults; traces: ReadonlyMap<string, readonly SeenMessage[]> } {
  const word = HOSTILE.replaceAll('/', '|');
  const name = (text: string): string => (text === '' ? text : `${text}${word}`);
  const cellId = (id: string): string => {
    const [server = '', policy = '', situation = '', variant = '', ...rest] = id.split('/');
    return [name(server), policy, name(situation), name(variant), ...rest].join('/');
  };
  const base = sample();
  const results: RunResults = {
    ...base,
    run: {
      ...base.run,
      id: HOSTILE,
      startedAt: HOSTILE,
      ringfence: HOSTILE,
      node: HOSTILE,
      caller: { id: HOSTILE, name: HOSTILE, version: HOSTILE },
      trouble: HOSTILE,
      warnings: [HOSTILE, LONG],
      servers: { [name('kamailio')]: { name: HOSTILE, version: HOSTILE } },
    },
    // Some kinds stay, or there would be no answer to show.
    situations: base.situations.map((row, index) => ({
      ...row,
      id: name(row.id),
      title: HOSTILE,
      kind: index % 2 === 0 ? row.kind : HOSTILE,
    })),
    variants: base.variants.map((row, index) => ({
      ...row,
      id: name(row.id),
      title: HOSTILE,
      kind: index < 3 ? row.kind : HOSTILE,
      headers: [HOSTILE],
    })),
    claims: base.claims.map((row, index) => ({
      id: name(row.id),
      statement: HOSTILE,
      source: HOSTILE,
      url:
        [
          'javascript:alert(8)',
          `https://example.test/${HOSTILE.replaceAll(/\s/g, '')}`,
          'data:text/html,<script>alert(9)</script>',
        ][index % 3] ?? '',
      evidence: HOSTILE,
    })),
    claimResults: base.claimResults.map((row) => ({ ...row, claim: name(row.claim), cells: row.cells.map(cellId) })),
    cells: base.cells.map((cell, index) => ({
      ...cell,
      ...(cell.proof === undefined
        ? {}
        : { proof: { ...cell.proof, startedAt: HOSTILE, headersSent: [HOSTILE, LONG], troubles: [HOSTILE] } }),
      id: cellId(cell.id),
      server: name(cell.server),
      situation: name(cell.situation),
      variant: name(cell.variant),
      expected: { ...cell.expected, claims: cell.expected.claims.map(name) },
      observed: {
        ...cell.observed,
        legs: cell.observed.legs.map((leg) => ({ ...leg, user: HOSTILE, callId: HOSTILE })),
        notifications: cell.observed.notifications.map((entry) => ({ ...entry, callId: HOSTILE })),
      },
      control: cell.control === null ? null : { ...cell.control, id: cellId(cell.control.id) },
      ...(cell.checks !== undefined && {
        checks: cell.checks.map((check, at, all) => ({
          ...check,
          seen: `${HOSTILE}${isFirst(base.cells, index, 'verdict') && isFirst(all, at, 'holds') ? LONG : ''}`,
        })),
      }),
      why: cell.why === null ? null : `${HOSTILE}${index % 2 === 0 ? LONG : ''}`,
      rerun: HOSTILE,
    })),
  };
  const messages = ['INVITE', 'SIP/2.0 200', ''].map(
    (start, index): SeenMessage => ({
      atMs: index,
      from: index === 1 ? 'server' : 'caller',
      to: index === 1 ? 'caller' : 'server',
      startLine: `${start} ${HOSTILE}`,
      cseq: `1 ${HOSTILE}`,
      callId: HOSTILE,
      raw: `${start} sip:${BYTES}@example.test\r\n${BYTES}: ${BYTES}\r\n${LONG}\r\nContent-Length: 9\r\n\r\n${BYTES}`,
    }),
  );
  return { results, traces: new Map(results.cells.map((cell) => [cell.id, messages])) };
}
