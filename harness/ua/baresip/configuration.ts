import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One line of RINGFENCE_ACCOUNTS. */
export interface Account {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
  readonly behaviour: string;
  readonly answerAfterMs: number;
}

export interface Configuration {
  /** Address for SIP, media and control. */
  readonly local: string;
  readonly controlPort: number;
  /** Where Debian's and others' packages put the modules. */
  readonly modulesDir: string;
  /** Over TLS: whom to believe. */
  readonly caFile: string | undefined;
}

/** Where an account registers. */
export interface Registrar {
  /** `ip:port`. */
  readonly address: string;
  readonly transport: string;
}

/** Its setting `sip_verify_server` came after 1.0.0, which takes any certificate. */
export function checksCertificates(version: string): boolean {
  return !/^(?:0|1\.0)\./.test(version);
}

const REGISTER_EVERY_S = 600;

/** Baresip's folder: nothing that a desktop user's installation would add. Accounts come later, see accountLine. */
export async function writeConfiguration(dir: string, options: Configuration): Promise<void> {
  const { local, controlPort, modulesDir, caFile } = options;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const config = [
    `module_path ${modulesDir}`,
    'module g711.so',
    'module aubridge.so',
    'module_app account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    `sip_listen ${local}:0`,
    // By itself it registers from no loopback address, and a machine may have nothing else (1.1.0).
    `net_interface ${local}`,
    `ctrl_tcp_listen ${local}:${controlPort}`,
    // Sound that needs no sound card.
    'audio_source aubridge,nil',
    'audio_player aubridge,nil',
    'audio_alert aubridge,nil',
    'call_max_calls 1000',
    // Its accounts are many people's phones: one who answers must not put the others' calls on hold (1.1.0).
    'call_hold_other_calls no',
    'call_local_timeout 600',
    ...(caFile === undefined ? [] : [`sip_cafile ${caFile}`, 'sip_verify_server yes']),
  ];
  await writeFile(join(dir, 'config'), `${config.join('\n')}\n`, { mode: 0o600 });
  await writeFile(join(dir, 'accounts'), '# see uanew\n', { mode: 0o600 });
}

/** An account as baresip writes it, with everything that belongs to it. */
export function accountLine({ user, domain, password }: Account, { address, transport }: Registrar): string {
  const parameters = [
    `outbound="sip:${address};transport=${transport}"`,
    `auth_user=${user}`,
    `auth_pass=${password}`,
    `regint=${REGISTER_EVERY_S}`,
    'answermode=manual',
    'audio_codecs=pcmu',
    'mwi=no',
  ];
  return `<sip:${user}@${domain};transport=${transport}>;${parameters.join(';')}`;
}
