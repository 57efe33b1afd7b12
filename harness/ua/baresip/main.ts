/**
 * baresip as a user agent under test: `node harness/ua/baresip/main.ts`, told what to do by the environment as
 * docs/user-agents.md says. All accounts are in one baresip. RINGFENCE_BARESIP names the program, RINGFENCE_BARESIP_MODULES
 * the folder of its modules.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabError } from '../../errors.ts';
import { freePort } from '../../processes/addresses.ts';
import { type Account, accountLine, checksCertificates, type Registrar, writeConfiguration } from './configuration.ts';
import { BaresipControl } from './control.ts';

/** What its menu can do with a call; it can choose no status code. */
const BEHAVIOURS = ['ring', 'answer', 'busy'];
/** Registered in well under a second; more would make one process answer late. */
const MAX_ACCOUNTS = 300;
const CONTROL_TIMEOUT_MS = 10_000;
const KILL_AFTER_MS = 1_500;
const INSTALL = 'apt-get install baresip-core';

const bin = process.env.RINGFENCE_BARESIP ?? 'baresip';

async function describe(): Promise<void> {
  const found = await version();
  const transports = ['udp', 'tcp', ...(checksCertificates(found) ? ['tls'] : [])];
  const said = { name: 'baresip', version: found, behaviours: BEHAVIOURS, maxAccounts: MAX_ACCOUNTS, transports };
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

async function play(): Promise<void> {
  const registrar = { address: needed('RINGFENCE_REGISTRAR'), transport: needed('RINGFENCE_TRANSPORT') };
  const local = needed('RINGFENCE_LOCAL');
  const accounts = needed('RINGFENCE_ACCOUNTS').split('\n').map(readAccount);
  const dir = await mkdtemp(join(tmpdir(), 'ringfence-baresip-'));
  try {
    const controlPort = await freePort(local);
    await writeConfiguration(dir, { local, controlPort, modulesDir: modulesDir(), caFile: process.env.RINGFENCE_CA });
    const baresip = spawn(bin, ['-f', dir], { stdio: ['ignore', 'inherit', 'inherit'] });
    const ended = endOf(baresip);
    let stopping = false;
    const stop = (): void => {
      stopping = true;
      baresip.kill('SIGTERM');
      // 1.1.0 waits for answers to the BYE and REGISTER that it ends with; whoever gives them may be gone.
      setTimeout(() => baresip.kill('SIGKILL'), KILL_AFTER_MS).unref();
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
    const opened = BaresipControl.connect({ host: local, port: controlPort }, CONTROL_TIMEOUT_MS);
    try {
      const control = await Promise.race([opened, ended.then(() => null)]);
      if (control !== null) playPhones(control, accounts, registrar);
      const how = await ended;
      if (!stopping) throw new LabError(`baresip ended with ${how}`);
    } finally {
      baresip.kill('SIGKILL');
      void opened.then((control) => control.close()).catch(() => {});
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Says `ready` when every account is registered, and does with each call what its account is told to. */
function playPhones(control: BaresipControl, accounts: readonly Account[], registrar: Registrar): void {
  const byAor = new Map(accounts.map((account) => [`sip:${account.user}@${account.domain}`, account]));
  const unregistered = new Set(byAor.keys());
  const ringing = new Map<string, NodeJS.Timeout>();
  // 1.0.0 takes the call of the account that was found last, whatever call is named (and `callfind` finds another); 1.1.0
  // takes the call that is named, and without a name the one that came last, whoever was found.
  const tell = (aor: string, command: 'accept' | 'hangup', id: string): void => {
    control.send({ command: 'uafind', params: aor }, { command, params: id });
  };
  control.onEvent = ({ type, accountaor: aor = '', id = '', param = '' }) => {
    const account = byAor.get(aor);
    if (account === undefined) return;
    if (type === 'REGISTER_OK' && unregistered.delete(aor) && unregistered.size === 0) {
      process.stdout.write('ready\n');
    } else if (type === 'REGISTER_FAIL') {
      process.stdout.write(`REGISTER of ${aor} failed: ${param}\n`);
    } else if (type === 'CALL_INCOMING' && account.behaviour === 'busy') {
      tell(aor, 'hangup', id);
    } else if (type === 'CALL_INCOMING' && account.behaviour === 'answer') {
      ringing.set(
        id,
        setTimeout(() => tell(aor, 'accept', id), account.answerAfterMs),
      );
    } else if (type === 'CALL_CLOSED') {
      clearTimeout(ringing.get(id));
      ringing.delete(id);
    }
  };
  // Only now, with somebody to hear of it: baresip registers sooner than its control port can be connected to.
  for (const account of accounts) control.send({ command: 'uanew', params: accountLine(account, registrar) });
}

/** Settles with how it ended. @throws {LabError} when it did not start */
async function endOf(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return signal ?? `exit status ${code}`;
  } catch (cause) {
    throw new LabError(`${bin} did not start: ${(cause as Error).message}. Try: ${INSTALL}`, { cause });
  }
}

function readAccount(line: string): Account {
  const [user = '', domain = '', password = '', behaviour = '', answerAfterMs = '0'] = line.split(' ');
  if (!BEHAVIOURS.includes(behaviour)) throw new LabError(`baresip cannot play "${behaviour}", which ${user} is to`);
  return { user, domain, password, behaviour, answerAfterMs: Number(answerAfterMs) };
}

function needed(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new LabError(`${name} is not set: see docs/user-agents.md`);
  return value;
}

/** Its first line, whatever it is asked: `baresip v1.0.0 Copyright …`. */
async function version(): Promise<string> {
  const said = await new Promise<string>((resolve, reject) => {
    execFile(bin, ['-h'], { timeout: 5_000 }, (error, stdout, stderr) => {
      const missing = (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
      if (missing) reject(new LabError(`${bin} is not installed. Try: ${INSTALL}`));
      else resolve(`${stdout}${stderr}`);
    }).stdin?.end();
  });
  const found = /baresip v?(\d+(?:\.\d+)+)/.exec(said)?.[1];
  if (found === undefined) throw new LabError(`${bin} does not say its version; it said: ${said.slice(0, 200)}`);
  return found;
}

function modulesDir(): string {
  const given = process.env.RINGFENCE_BARESIP_MODULES;
  if (given !== undefined && given !== '') return given;
  const usual = ['/usr/lib/baresip/modules', '/usr/local/lib/baresip/modules', '/opt/homebrew/lib/baresip/modules'];
  const found = usual.find((folder) => existsSync(folder));
  if (found === undefined) {
    throw new LabError(`baresip's modules are in none of ${usual.join(', ')}; set RINGFENCE_BARESIP_MODULES`);
  }
  return found;
}

try {
  const action = needed('RINGFENCE_ACTION');
  if (action === 'describe') await describe();
  else if (action === 'play') await play();
  else throw new LabError(`RINGFENCE_ACTION is "${action}"; it is "describe" or "play"`);
} catch (error) {
  process.stdout.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
