/** Two servers in a row: one forks, and the phone is behind another, both real Kamailios. What the phone is told, byte for byte. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SipServer } from '../../harness/endpoints/endpoint.ts';
import type { SipAddress } from '../../harness/model/server.ts';
import { nowEpochMs } from '../../harness/now.ts';
import { allocateAddresses } from '../../harness/processes/addresses.ts';
import type { LabSite } from '../../harness/run/site.ts';
import { startServerProcess } from '../../harness/runtime/process/server-process.ts';
import { kamailioArgs } from '../../harness/servers/kamailio/command-line.ts';
import type { Server } from '../../harness/servers/server.ts';
import { SAID_BY_SERVER } from '../helpers/said-by-server.ts';
import { smallRun } from '../helpers/small-run.ts';

const ELSEWHERE = 'Reason: SIP;cause=200;text="Call completed elsewhere"';
const ROW = 'cancel-completed-elsewhere-q850';

/** A stateful proxy in front of the phones (RFC 3261 16). @param copies as `tm` has it for itself, or it is told not to */
function hop(phones: SipAddress, copies: boolean): Server {
  const text = `
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
${copies ? '' : 'modparam("tm", "e2e_cancel_reason", 0)'}
children=2
log_stderror=yes
request_route {
	if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
	if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
	if (has_totag()) { if (loose_route() || t_check_trans()) t_relay(); exit; }
	force_rport();
	record_route();
	$du = "sip:${phones.host}:${phones.port}";
	t_relay();
}
`;
  return {
    id: 'hop',
    title: 'a proxy in front of phones',
    name: 'Hop',
    program: 'kamailio',
    policies: ['plain'],
    waits: (asked) => asked,
    lacks: () => null,
    wayTo: () => null,
    bringUp: async (ground) => {
      const config = await ground.configuration({ from: 'made', name: 'hop.cfg', text });
      const { sip, workDir, modulesDir } = ground;
      await ground.start(kamailioArgs({ config, workDir, sip, modulesDir, defines: [] }));
      return { provision: async () => {} };
    },
  };
}

/** A wire between server and hop, which is looked at: what the server sends arrives there. */
async function wire(at: string, hopAt: SipAddress, seen: (bytes: Buffer) => Buffer): Promise<SipAddress & Disposable> {
  const socket = createSocket('udp4');
  socket.bind(0, at);
  await once(socket, 'listening');
  let server: SipAddress | undefined;
  socket.on('message', (bytes, { address: host, port }) => {
    if (host === hopAt.host && server !== undefined) socket.send(bytes, server.port, server.host);
    if (host === hopAt.host) return;
    server = { host, port };
    socket.send(seen(bytes), hopAt.port, hopAt.host);
  });
  return { host: at, port: socket.address().port, [Symbol.dispose]: () => void socket.close() };
}

type Record = Parameters<LabSite['startSipServer']>[1];

interface Hop {
  /** It says what it got. */
  readonly record: Record | null;
  readonly copies: boolean;
  /** The server before it keeps the reason to itself. */
  readonly isUntold: boolean;
}

/** The server calls the phones at the hop's address, and the hop hands on to them. */
async function behind(phones: SipServer, { record, copies, isUntold }: Hop): Promise<SipServer> {
  await using stack = new AsyncDisposableStack();
  const addresses = stack.use(await allocateAddresses(['hop', 'wire']));
  const workDir = await mkdtemp(join(tmpdir(), 'ringfence-hop-'));
  stack.defer(() => rm(workDir, { recursive: true, force: true }));
  const server = hop(phones.sip, copies);
  const started = stack.use(
    await startServerProcess(server, { workDir, host: addresses.hosts.hop, voicemail: phones.sip }),
  );
  const link = stack.use(
    await wire(addresses.hosts.wire, started.sip, (bytes) => {
      const text = bytes.toString('latin1');
      const passed = isUntold && text.startsWith('CANCEL ') ? text.replaceAll(/^Reason: .*\r\n/gm, '') : text;
      const got = Buffer.from(passed, 'latin1');
      const at = { local: started.sip, remote: started.sip, protocol: 'udp', atEpochMs: nowEpochMs() } as const;
      record?.({ ...at, source: 'hop', direction: 'in', bytes: got });
      return got;
    }),
  );
  const all = stack.move();
  return {
    ...phones,
    sip: { host: link.host, port: link.port },
    stop: async () => {
      await phones.stop();
      await all.disposeAsync();
    },
  };
}

async function twoHops({ copies = false, isUntold = false, isRecorded = true } = {}): ReturnType<typeof smallRun> {
  const changeSite = (site: LabSite): LabSite => ({
    ...site,
    startSipServer: async (role, record) => {
      const server = await site.startSipServer(role, record);
      return role === 'phone' ? behind(server, { copies, isUntold, record: isRecorded ? record : null }) : server;
    },
  });
  return smallRun({
    situations: ['cancelled-by-caller', 'cancelled-by-answer'],
    variants: [ROW],
    changeSite,
    inTime: true,
  });
}

describe.concurrent('a phone behind a second server', () => {
  it('is told what the first one says of the leg that lost, and what the caller said', async () => {
    const run = await twoHops({ copies: true });
    const told = (situation: string, variant: string) =>
      run.cell(situation, variant).observed.legs.find(({ role }) => role === 'phone')?.cancelReasons;
    expect(run.results.flatMap(({ why, verdict }) => (verdict === 'unspecified' ? [] : (why ?? [])))).toEqual([]);
    expect(told('cancelled-by-answer', 'none')).toEqual([expect.stringMatching(SAID_BY_SERVER)]);
    expect(told('cancelled-by-caller', 'none')).toBeUndefined();
    expect(told('cancelled-by-caller', ROW)).toEqual([ELSEWHERE, 'Reason: Q.850;cause=26']);
  });

  const lost = /^the caller's CANCEL carried "Reason: SIP.*and the phone's carried none \((.*)\), but rfc3326/;
  const at = /127\.[\d.]+(?::\d+)?/.source;

  it.for([
    [
      'where that one keeps it to itself',
      {},
      `lost at the hop ${at} behind the server, which got what the caller sent`,
      `nothing of it; the hop ${at} behind the server had been told "Reason: SIP;cause=200.*`,
    ],
    [
      'where the first one does, whatever the second would',
      { copies: true, isUntold: true },
      `lost before the hop ${at} behind the server, whose CANCEL carried none: at ${at}`,
      'nothing of it',
    ],
    [
      'where one of them does, and the second keeps no record',
      { isRecorded: false },
      `through ${at} and ${at}: which lost it is not on record`,
      'nothing of it',
    ],
  ] as const)('is told nothing %s, and the verdict names the hop', async ([, hops, where, told]) => {
    const run = await twoHops(hops);
    const { verdict, why } = run.cell('cancelled-by-caller', ROW);
    expect(verdict).toBe('fail');
    expect(lost.exec(why ?? '')?.[1]).toMatch(new RegExp(`^${where}$`));
    const { checks } = run.cell('cancelled-by-answer', 'none');
    const cause = checks?.find(({ id }) => id === 'cancel-cause')?.seen;
    expect(cause).toMatch(new RegExp(`; the phone was told ${told}$`));
  });
});
