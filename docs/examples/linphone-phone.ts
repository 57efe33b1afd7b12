#!/usr/bin/env node
/** linphone (Debian's and Ubuntu's package linphone-cli) as the callee's phone, with its own call log. docs/user-agents.md tells how it is tested. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';

const { LINPHONE = 'linphone-daemon', RINGFENCE_ACTION, RINGFENCE_ACCOUNTS = '' } = process.env;
const { RINGFENCE_LOCAL, RINGFENCE_REGISTRAR, RINGFENCE_TRANSPORT = 'udp', RINGFENCE_CA } = process.env;
if (RINGFENCE_ACTION === 'describe') {
  const version = /version: (\S+)/.exec(execFileSync('linphonec', ['--version'], { encoding: 'utf8' }))?.[1];
  const behaviours = ['ring', 'answer', 'decline'];
  // Its events do not say which account is called: one each.
  console.log(
    JSON.stringify({ name: 'linphone', version, behaviours, callLog: true, transports: ['udp', 'tcp', 'tls'] }),
  );
  process.exit();
}

const [user, domain, password, behaviour, answerAfterMs] = RINGFENCE_ACCOUNTS.split(' ');
const home = mkdtempSync(join(tmpdir(), 'linphone-'));
process.once('exit', () => rmSync(home, { recursive: true, force: true }));
const files = join(home, '.local/share/linphone');
mkdirSync(files, { recursive: true }); // or it keeps no call log
const port = (transport: string): number => (transport === RINGFENCE_TRANSPORT ? -1 : 0); // any, or none
const registrar = `sip:${RINGFENCE_REGISTRAR};transport=${RINGFENCE_TRANSPORT}`;
const config = `[storage]
backend=sqlite3
uri=${home}/linphone.db
[sip]
bind_address=${RINGFENCE_LOCAL}
sip_port=${port('udp')}
sip_tcp_port=${port('tcp')}
sip_tls_port=${port('tls')}
${RINGFENCE_CA === undefined ? '' : `root_ca=${RINGFENCE_CA}`}
verify_server_certs=1
verify_server_cn=1
use_ipv6=0
ipv6_migration_done=1
default_proxy=0
auto_net_state_mon=0
register_only_when_network_is_up=0
[proxy_0]
reg_proxy=<${registrar}>
reg_route=<${registrar};lr>
reg_identity=sip:${user}@${domain}
reg_sendregister=1
[auth_info_0]
username=${user}
passwd=${password}
[rtp]
bind_address=${RINGFENCE_LOCAL}
`;
writeFileSync(join(home, 'linphonerc'), config);
const linphone = spawn(LINPHONE, ['--config', join(home, 'linphonerc'), '--disable-stats-events'], {
  env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home }, // all that it writes, its sound system too
  stdio: ['pipe', 'pipe', 'inherit'],
});
linphone.once('exit', () => process.exit(1));
process.once('SIGTERM', () => {
  linphone.kill('SIGKILL');
  process.exit();
});
const command = (text: string): boolean => linphone.stdin.write(`${text}\n`);
const asking = setInterval(command, 100, 'register-status ALL');

/** Its words for the `status` of a call: LinphoneCallStatus in its C interface. */
const STATUS = ['answered', 'other', 'missed', 'declined', 'other', 'elsewhere', 'elsewhere'];
let logged = 0;
function tellLog(): void {
  using log = new DatabaseSync(join(files, 'call-history.db'), { readOnly: true });
  for (const { id, call_id, status } of log
    .prepare('SELECT * FROM call_history WHERE id > ? ORDER BY id')
    .all(logged)) {
    logged = Number(id);
    console.log(`logged ${call_id} ${STATUS[Number(status)] ?? 'other'}`);
  }
}

/** What linphone says of a call: `Event: LinphoneCallEnd`, and two lines later `Id: 7`. */
let state = '';
createInterface({ input: linphone.stdout }).on('line', (line) => {
  console.log(line);
  if (line === 'State: LinphoneRegistrationOk') {
    clearInterval(asking);
    console.log('ready');
  }
  state = /^Event: LinphoneCall(\w+)/.exec(line)?.[1] ?? state;
  const id = /^Id: (\d+)/.exec(line)?.[1];
  if (id === undefined) return;
  if (state === 'IncomingReceived' && behaviour === 'answer')
    setTimeout(command, Number(answerAfterMs), `answer ${id}`);
  if (state === 'IncomingReceived' && behaviour === 'decline') command(`terminate ${id}`);
  if (state === 'Released') tellLog();
});
