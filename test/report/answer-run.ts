/** Small runs for the front page: who is kept out of what, as the test says it, with the messages of each call. */
import type { SeenMessage } from '../../harness/model/observation.ts';
import type { CellResult, RunResults, Verdict } from '../../harness/model/results.ts';
import type { Feature, PolicyId } from '../../harness/model/scenario.ts';
import { syntheticResults } from './synthetic-run.ts';

/** Of each situation, in order: `o` engaged, `-` suppressed, `x` suppressed and the callee's phone not called either, a blank not run; then a verdict's first letter, or none for `pass`. */
export type Row = readonly string[];

const VERDICT_OF: Readonly<Record<string, Verdict>> = {
  f: 'fail',
  i: 'inconclusive',
  s: 'unsupported',
  u: 'unspecified',
};

const BASE = syntheticResults();

export interface AnswerRun {
  readonly policy?: PolicyId;
  readonly server?: string;
  readonly situations: Readonly<Record<string, Feature>>;
  /** Ids of rows of the catalogue, or of `extra`. */
  readonly rows: Readonly<Record<string, Row>>;
  readonly extra?: RunResults['variants'];
}

export function answerRun({ policy = 'ms-sipre', server = 'kamailio', situations, rows, extra = [] }: AnswerRun): {
  readonly results: RunResults;
  readonly traces: ReadonlyMap<string, readonly SeenMessage[]>;
} {
  const [template] = BASE.cells;
  if (template === undefined) throw new Error('the synthetic run has no cell to copy');
  const cells = Object.entries(rows).flatMap(([variant, row]) =>
    Object.entries(situations).flatMap(([situation, feature], index): CellResult[] => {
      const [seen = ' ', verdict = ''] = row[index] ?? ' ';
      if (seen === ' ') return [];
      const idOf = (id: string): string => `${server}/${policy}/${situation}/${id}/udp/direct`;
      const id = idOf(variant);
      return [
        {
          ...template,
          id,
          server,
          policy,
          situation,
          feature,
          variant,
          verdict: VERDICT_OF[verdict] ?? 'pass',
          observed: {
            outcome: seen === 'o' ? 'engaged' : 'suppressed',
            status: seen === 'o' ? 200 : 480,
            calleeRang: seen !== 'x',
            legs: [],
            notifications: [],
          },
          expected: { ...template.expected, outcome: seen === 'o' ? 'engaged' : 'suppressed' },
          control: variant === 'none' ? null : { id: idOf('none'), outcome: 'engaged' },
          why: VERDICT_OF[verdict] === undefined ? null : `because of ${id}`,
          rerun: `./ringfence run ${id}`,
          trace: `traces/${id.replaceAll('/', '.')}.json`,
        },
      ];
    }),
  );
  const results: RunResults = {
    ...BASE,
    run: { ...BASE.run, servers: { [server]: { name: 'Kamailio', version: '5.6.3' } } },
    situations: Object.entries(situations).map(([id, feature]) => ({ id, title: id, feature, kind: 'diversion' })),
    variants: [...BASE.variants, ...extra].filter(({ id }) => rows[id] !== undefined),
    claimResults: [],
    cells,
  };
  const traces = new Map(cells.map((cell) => [cell.id, messagesOf(cell, results)]));
  return { results, traces };
}

/** Rings, then ends with voice mail's 200 or the server's 480. */
function messagesOf({ id, policy, variant, observed }: CellResult, { variants }: RunResults): SeenMessage[] {
  const headers = variants.find((row) => row.id === variant)?.headers ?? [];
  const callId = `${id}@127.0.1.10`;
  const message = (
    atMs: number,
    [from, to]: readonly [SeenMessage['from'], SeenMessage['to']],
    startLine: string,
    own: readonly string[] = [],
  ): SeenMessage => ({
    atMs,
    from,
    to,
    startLine,
    cseq: '1 INVITE',
    callId,
    raw: [startLine, `Call-ID: ${callId}`, 'CSeq: 1 INVITE', ...own, 'Content-Length: 0', '', ''].join('\r\n'),
  });
  const end =
    observed.outcome === 'engaged'
      ? [
          message(620, ['server', 'voicemail'], 'INVITE sip:alice@127.0.1.40 SIP/2.0', headers),
          message(623, ['voicemail', 'server'], 'SIP/2.0 200 OK'),
          message(624, ['server', 'caller'], 'SIP/2.0 200 OK'),
        ]
      : [message(622, ['server', 'caller'], 'SIP/2.0 480 Temporarily Unavailable')];
  return [
    message(0, ['caller', 'server'], `INVITE sip:alice@${policy}.test SIP/2.0`, headers),
    message(1, ['server', 'phone'], 'INVITE sip:alice@127.0.1.30 SIP/2.0', headers),
    message(3, ['phone', 'server'], 'SIP/2.0 180 Ringing'),
    message(4, ['server', 'caller'], 'SIP/2.0 180 Ringing'),
    ...end,
  ];
}
