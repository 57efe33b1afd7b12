/** A run of full size that nobody placed: every verdict, many messages, deterministic. For measuring and for layout. */
import { CHECK_IDS, type Check } from '../../harness/model/checks.ts';
import { headerLines } from '../../harness/model/header-lines.ts';
import type { SeenMessage } from '../../harness/model/observation.ts';
import type { CellResult, RunHeader, RunResults, Verdict } from '../../harness/model/results.ts';
import type { PolicyId } from '../../harness/model/scenario.ts';
import { FEATURES, POLICIES, VERDICTS } from '../../harness/model/words.ts';
import { claims, scenarios, variants } from '../../scenarios/index.ts';

const MESSAGES_PER_CELL = 20;
const CHECKS_PER_CELL = 19;

const PER_SERVER = POLICIES.length * scenarios.length * variants.length;

export interface SyntheticRun {
  readonly results: RunResults;
  readonly traces: ReadonlyMap<string, readonly SeenMessage[]>;
}

/** @param size How many cells, on as many servers as it takes. @default the whole matrix of one server */
export function syntheticRun({ cells: size = PER_SERVER }: { readonly cells?: number } = {}): SyntheticRun {
  const results = syntheticResults(size);
  return {
    results,
    traces: new Map(results.cells.map((cell, index) => [cell.id, syntheticMessages(cell, index)])),
  };
}

/** Without messages, which take ten times as long to make. */
export function syntheticResults(size = PER_SERVER): RunResults {
  return { ...syntheticHeader(size), cells: [...syntheticCells(size)] };
}

/** One after the other: a large run need not be in memory. @param shift Another number, other verdicts. */
export function* syntheticCells(size: number, shift = 0): Generator<CellResult> {
  let left = size;
  for (const server of serversOf(size)) {
    for (const policy of POLICIES) {
      for (const scenario of scenarios) {
        for (const variant of variants) {
          if (left === 0) return;
          left -= 1;
          yield cellOf(server, policy, scenario, variant.id, shift);
        }
      }
    }
  }
}

function serversOf(size: number): string[] {
  return Array.from({ length: Math.ceil(size / PER_SERVER) }, (_, index) =>
    index === 0 ? 'kamailio' : `server-${index + 1}`,
  );
}

/** Everything but the cells. */
export function syntheticHeader(size: number): RunHeader {
  const servers = serversOf(size);
  const firstCells = [...syntheticCells(Math.min(size, claims.length))];
  return {
    schema: 'ringfence-results/2',
    run: {
      id: 'synthetic',
      startedAt: '2026-11-22T10:00:00.000Z',
      durationMs: 27_400,
      ringfence: '0.1.0',
      node: '24.15.0',
      caller: { id: 'sipp', name: 'SIPp', version: '3.6.1' },
      runtime: 'process',
      servers: Object.fromEntries(
        servers.map((id, index) => [id, { name: index === 0 ? 'Kamailio' : id, version: '5.6.3' }]),
      ),
      ended: 'complete',
      trouble: null,
    },
    situations: scenarios.map(({ id, title, feature, kind }) => ({ id, title, feature, kind })),
    variants: variants.map((row) => ({ id: row.id, title: row.title, kind: row.kind, headers: headerLines(row) })),
    claims: claims.map(({ id, statement, source, evidence }) => ({
      id,
      statement,
      source: source.title,
      url: source.url,
      evidence,
    })),
    claimResults: claims.flatMap(({ id }, row) =>
      POLICIES.map((policy, column) => {
        const held = (['holds', 'holds', 'does-not-hold', 'not-settled'] as const)[(row * 3 + column) % 4] ?? 'holds';
        return { claim: id, policy, held, cells: held === 'holds' ? [] : [firstCells[row]?.id ?? ''] };
      }),
    ),
  };
}

function cellOf(
  server: string,
  policy: PolicyId,
  { id: situation, feature }: (typeof scenarios)[number],
  variant: string,
  shift: number,
): CellResult {
  const id = `${server}/${policy}/${situation}/${variant}/udp/direct`;
  const weight = [...id].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 9973, 7 + shift);
  const verdict: Verdict = weight % 7 === 0 ? 'unspecified' : (VERDICTS[weight % 60] ?? 'pass');
  const outcome = variant === 'none' || weight % 3 > 0 ? 'engaged' : 'suppressed';
  return {
    id,
    server,
    policy,
    situation,
    feature,
    variant,
    transport: 'udp',
    path: 'direct',
    verdict,
    expected: {
      outcome,
      claims: claims.slice(weight % 9, (weight % 9) + 2).map((row) => row.id),
      callee: 'rings',
      statuses: [200],
    },
    observed: {
      outcome,
      status: 200,
      calleeRang: true,
      legs: [
        {
          role: 'phone',
          user: 'alice-x1-7',
          callId: id,
          startMs: 2,
          endMs: 605,
          rang: true,
          answered: false,
          result: 'cancelled',
          status: 487,
        },
        {
          role: 'voicemail',
          user: 'alice-x1-7',
          callId: id,
          startMs: 607,
          endMs: 1510,
          rang: false,
          answered: true,
          result: 'answered',
          status: 200,
        },
      ],
      notifications: [{ kind: 'missed-call', by: 'server', atMs: 1512, callId: id }],
    },
    control: variant === 'none' ? null : { id: `${server}/${policy}/${situation}/none/udp/direct`, outcome: 'engaged' },
    why:
      verdict === 'pass' ? null : `${feature} was reached ${weight} ms after the INVITE (${FEATURES.length} features)`,
    checks: checksOf(verdict, weight),
    durationMs: 1500,
    rerun: `./ringfence run ${id}`,
    trace: `traces/${id.replaceAll('/', '.')}.json`,
  };
}

/** As many as a run has, and as long; what they say has nothing to do with the cell. */
function checksOf(verdict: Verdict, weight: number): Check[] {
  const held = CHECK_IDS.slice(0, CHECKS_PER_CELL).map((id, index): Check => {
    const seen = `a canary reached voice mail ${weight + index} ms after the INVITE, 8 ms under way`.slice(
      0,
      30 + 2 * index,
    );
    return { id, holds: index % 5 === 4 ? null : true, seen };
  });
  return verdict === 'pass' ? held : [...held, { id: 'specified', holds: false, seen: `no source says ${weight}` }];
}

const FLOW = [
  ['caller', 'server', 'INVITE sip:alice@example.test SIP/2.0'],
  ['server', 'caller', 'SIP/2.0 100 Trying'],
  ['server', 'phone', 'INVITE sip:alice@127.0.1.30 SIP/2.0'],
  ['phone', 'server', 'SIP/2.0 180 Ringing'],
  ['server', 'caller', 'SIP/2.0 180 Ringing'],
  ['server', 'phone', 'CANCEL sip:alice@127.0.1.30 SIP/2.0'],
  ['phone', 'server', 'SIP/2.0 487 Request Terminated'],
  ['server', 'voicemail', 'INVITE sip:alice@127.0.1.40 SIP/2.0'],
  ['voicemail', 'server', 'SIP/2.0 200 OK'],
  ['server', 'caller', 'SIP/2.0 200 OK'],
] as const;

export function syntheticMessages(cell: CellResult, index: number): SeenMessage[] {
  return Array.from({ length: MESSAGES_PER_CELL }, (_, at): SeenMessage => {
    const [from, to, startLine] = FLOW[at % FLOW.length] ?? FLOW[0];
    const callId = `${index}@127.0.1.10`;
    const filler = Array.from({ length: 9 }, (_each, line) => `X-Filler-${line}: ${'abcdefgh '.repeat(6)}`);
    const fields = [`Call-ID: ${callId}`, 'CSeq: 1 INVITE', `Subject: ${cell.id}`, ...filler];
    const raw = `${[startLine, ...fields].join('\r\n')}\r\n\r\n`;
    return { atMs: at * 75.25, from, to, startLine, cseq: '1 INVITE', callId, raw };
  });
}
