import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { domainOf, POLICIES } from '../model/words.ts';
import { cellKey, userName } from '../run/identity.ts';
import { Lab } from '../run/lab.ts';
import { accountsFor } from '../run/subscribers.ts';
import { processSite } from '../runtime/process/site.ts';
import { startKamailio } from '../runtime/process/start-kamailio.ts';
import { ensureTools } from '../setup/tools.ts';
import { unknownWord } from '../unknown-word.ts';
import { untilEnded } from './hang-up.ts';
import { LabWatch } from './watch-lab.ts';

const LAB_HELP = `Usage: ./ringfence lab [--policy ID] [--watch]

Keeps a lab up: the server, with one subscriber, a phone of it that rings, and voice mail. Prints where to register and
what to dial. Ctrl-C ends it.

  --policy ID   how the server treats the headers; see ./ringfence list policies [ms-sipre]
  --watch       a page on this machine's loopback shows each call, message by message
`;

const PASSWORD = 'ringfence';

/**
 * `./ringfence lab [--policy ID] [--watch]`: a lab that stays up, with one subscriber whose phone is free for the taking. Prints
 * where to register and what to dial; ends with Ctrl-C.
 */
export async function labCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      policy: { type: 'string', default: 'ms-sipre' },
      watch: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(LAB_HELP);
    return 0;
  }
  const policy = POLICIES.find((each) => each === values.policy);
  if (policy === undefined) throw unknownWord('policy', values.policy, POLICIES);
  const tools = await ensureTools({
    need: ['kamailio', 'sipp'],
    say: (line) => void process.stderr.write(`${line}\n`),
  });
  const workDir = await mkdtemp(join(tmpdir(), 'ringfence-lab-'));
  try {
    await using watch = values.watch ? await LabWatch.open() : null;
    await using lab = await Lab.start({
      openSite: processSite({
        startServer: (site) =>
          startKamailio({ ...site, bin: tools.kamailio.path, ...(watch && { hepTo: watch.hepTo }) }),
        sipp: tools.sipp,
        workDir,
      }),
      greetingMs: 3000,
      behaviourOf: () => 'ring',
      onTrouble: (text) => void process.stderr.write(`ringfence: ${text}\n`),
    });
    const key = cellKey('lab1', 1);
    const { subscribers, phones } = accountsFor({
      key,
      policy,
      settings: {
        flags: [],
        lists: [],
        waits: { totalMs: 10_000, userMs: 0, team2Ms: 10_000 },
        voicemail: true,
        doNotDisturb: false,
      },
      callee: 'ring',
      password: PASSWORD,
      outside: lab.outside,
    });
    await lab.server.provision(subscribers);
    await lab.banks.phone.register(phones, lab.server.sip);
    const { host, port } = lab.server.sip;
    const callee = `${userName('alice', key)}@${domainOf(policy)}`;
    const facts = [
      `server      ${host}:${port} (UDP and TCP), ${lab.server.name} ${lab.server.version}`,
      `dial        sip:${callee} with ${host}:${port} as outbound proxy; a phone of the lab rings, voice mail answers after 10 s`,
      `register    ${callee}, password ${PASSWORD}, to ring yourself as well`,
      `voice mail  ${lab.endpoints.voicemail.sip.host}:${lab.endpoints.voicemail.sip.port}`,
      `log         ${join(workDir, 'kamailio.log')}`,
    ];
    const shown = watch === null ? [] : [`watch       ${await watch.show(lab, facts)}`];
    process.stdout.write([...facts, ...shown, 'Ctrl-C ends the lab.', ''].join('\n'));
    const signal = await Promise.race([untilEnded(), lab.server.exited]);
    if (signal !== undefined) {
      process.stderr.write(`ringfence: the server ended: ${signal}\n`);
      return 3;
    }
    return 0;
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}
