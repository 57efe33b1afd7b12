/** Two servers in a row: one forks, and the phone is behind another, both real Kamailios. What the phone is told, byte for byte. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SipServer } from '../../harness/endpoints/endpoint.ts';
import type { SipAddress } from '../../harness/model/server.ts';
import { allocateAddresses } from '../../harness/processes/addresses.ts';
import type { LabSite } from '../../harness/run/site.ts';
import { startServerProcess } from '../../harness/runtime/process/server-process.ts';
import { kamailioArgs } from '../../harness/servers/kamailio/command-line.ts';
import type { Server } from '../../harness/servers/server.ts';
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

/** The server calls the phones at the hop's address, and the hop hands on to them. */
async function behind(phones: SipServer, copies: boolean): Promise<SipServer> {
  await using stack = new AsyncDisposableStack();
  const addresses = stack.use(await allocateAddresses(['hop']));
  const workDir = await mkdtemp(join(tmpdir(), 'ringfence-hop-'));
  stack.defer(() => rm(workDir, { recursive: true, force: true }));
  const server = hop(phones.sip, copies);
  const started = stack.use(
    await startServerProcess(server, { workDir, host: addresses.hosts.hop, voicemail: phones.sip }),
  );
  const all = stack.move();
  return {
    ...phones,
    sip: started.sip,
    stop: async () => {
      await phones.stop();
      await all.disposeAsync();
    },
  };
}

async function twoHops(copies: boolean): ReturnType<typeof smallRun> {
  const changeSite = (site: LabSite): LabSite => ({
    ...site,
    startSipServer: async (role, record) => {
      const server = await site.startSipServer(role, record);
      return role === 'phone' ? behind(server, copies) : server;
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
    const run = await twoHops(true);
    const told = (situation: string, variant: string) =>
      run.cell(situation, variant).observed.legs.find(({ role }) => role === 'phone')?.cancelReasons;
    expect(run.results.flatMap(({ why, verdict }) => (verdict === 'unspecified' ? [] : (why ?? [])))).toEqual([]);
    expect(told('cancelled-by-answer', 'none')).toEqual([ELSEWHERE]);
    expect(told('cancelled-by-caller', 'none')).toBeUndefined();
    expect(told('cancelled-by-caller', ROW)).toEqual([ELSEWHERE, 'Reason: Q.850;cause=26']);
  });

  it('is told nothing where that one keeps it to itself, and the verdict says so', async () => {
    const run = await twoHops(false);
    expect(run.cell('cancelled-by-caller', ROW)).toMatchObject({
      verdict: 'fail',
      why: expect.stringMatching(
        /^the caller's CANCEL carried "Reason: SIP.*and the phone's carried none, but rfc3326/,
      ),
    });
    const { checks } = run.cell('cancelled-by-answer', 'none');
    expect(checks?.find(({ id }) => id === 'cancel-cause')?.seen).toMatch(/; the phone was told nothing of it$/);
  });
});
