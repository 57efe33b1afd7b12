#!/usr/bin/env node
/** linphone (Debian's and Ubuntu's package linphone-cli) as a calling application. docs/callers.md tells how it is tested. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What goes into its INVITEs. linphone takes header fields from the URI that it dials (RFC 3261 19.1.1). */
const headers = [
  'Ms-Target-Class: secondary', // without this line, the agent's voice mail takes the customer's call
];

const {
  LINPHONE = 'linphone-daemon',
  RINGFENCE_ACTION,
  RINGFENCE_FROM,
  RINGFENCE_LOCAL,
  RINGFENCE_PROXY,
} = process.env;
const home = mkdtempSync(join(tmpdir(), 'linphone-'));
process.once('exit', () => rmSync(home, { recursive: true, force: true }));
if (RINGFENCE_ACTION === 'describe') {
  const version = /version: (\S+)/.exec(execFileSync('linphonec', ['--version'], { encoding: 'utf8' }))?.[1];
  const behaviours = ['patient', 'hang-up-while-ringing', 'hang-up-in-greeting'];
  console.log(JSON.stringify({ name: 'linphone', version, behaviours, headers: true }));
  process.exit();
}

const config = `[storage]
backend=sqlite3
uri=${home}/linphone.db
[sip]
bind_address=${RINGFENCE_LOCAL}
sip_port=5060
sip_tcp_port=0
sip_tls_port=0
use_ipv6=0
ipv6_migration_done=1
default_proxy=0
auto_net_state_mon=0
[proxy_0]
reg_proxy=<sip:${RINGFENCE_PROXY}>
reg_route=<sip:${RINGFENCE_PROXY};lr>
reg_identity=${RINGFENCE_FROM}
reg_sendregister=0
[rtp]
bind_address=${RINGFENCE_LOCAL}
`;
writeFileSync(join(home, 'linphonerc'), config);
mkdirSync(join(home, '.local/share/linphone'), { recursive: true }); // or it does not keep its files anywhere
const linphone = spawn(LINPHONE, ['--config', join(home, 'linphonerc'), '--disable-stats-events'], {
  env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home }, // all that it writes, its sound system too
  stdio: ['pipe', 'pipe', 'inherit'],
});
linphone.once('exit', () => process.exit(1));
process.once('SIGTERM', () => {
  linphone.kill('SIGKILL');
  process.exit();
});

interface Task {
  readonly uri: string;
  readonly patienceMs: number;
  readonly hangUpAfterRingingMs: number | null;
  readonly talkMs: number;
  readonly headers: readonly string[];
}

/** One at a time, the last that was dialled. */
let task: Task | undefined;
let timer: NodeJS.Timeout | undefined;
createInterface({ input: process.stdin }).on('line', (line) => {
  task = JSON.parse(line) as Task;
  const fields = [...headers, ...task.headers].map((each) => each.replace(/^([^:]+): */, '$1=').split('='));
  const query = fields.map(([name, ...value]) => `${name}=${encodeURIComponent(value.join('='))}`).join('&');
  linphone.stdin.write(`call ${task.uri}${query === '' ? '' : `?${query}`}\n`);
});

/** What linphone says of a call: `Event: LinphoneCallOutgoingRinging`, and two lines later `Id: 7`. */
let state = '';
createInterface({ input: linphone.stdout }).on('line', (line) => {
  console.log(line);
  state = /^Event: LinphoneCall(\w+)/.exec(line)?.[1] ?? state;
  const id = /^Id: (\d+)/.exec(line)?.[1];
  if (id === undefined || task === undefined) return;
  const { patienceMs, hangUpAfterRingingMs, talkMs } = task;
  if (state === 'OutgoingProgress' || state === 'OutgoingEarlyMedia') hangUpAfter(patienceMs, id);
  if (state === 'OutgoingRinging') hangUpAfter(hangUpAfterRingingMs ?? patienceMs, id);
  if (state === 'Connected') hangUpAfter(talkMs, id);
  if (state === 'End' || state === 'Error') clearTimeout(timer);
});

function hangUpAfter(ms: number, id: string): void {
  clearTimeout(timer);
  timer = setTimeout(() => linphone.stdin.write(`terminate ${id}\n`), ms);
}
