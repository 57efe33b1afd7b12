import { dirname, join } from 'node:path';
import type { ServerGround } from '../server.ts';
import { ARI_USER, PLAIN_AUDIO } from './accounts.ts';
import type { Mailboxes } from './mailboxes.ts';

/** Files of `containers/asterisk/`, in Asterisk's own words what the lab wants of it. */
const OURS = ['modules.conf', 'sorcery.conf', 'rtp.conf', 'logger.conf'] as const;

export interface Dialplan {
  /** Voice mail is inside of it, app_voicemail. */
  readonly mailboxes?: true;
  /** Files of `containers/asterisk/`. */
  readonly files: readonly string[];
  /** Where callers come in. */
  readonly context: string;
}

/**
 * The folder that Asterisk reads, with all that depends on where it stands: addresses, folders.
 *
 * @param password of ARI
 * @returns its `asterisk.conf`
 * @throws {LabError}
 */
export async function configure(
  ground: ServerGround,
  { files, context, mailboxes }: Omit<Dialplan, 'mailboxes'> & { readonly mailboxes: Mailboxes | null },
  password: string,
): Promise<string> {
  const { sip, control, workDir, modulesDir } = ground;
  const made = (name: string, sections: Sections): Promise<string> =>
    ground.configuration({ from: 'made', name, text: written(sections) });
  const ours = [...OURS, ...files, ...(mailboxes ? ['voicemail-modules.conf'] : [])].map((name) =>
    ground.configuration({ from: 'ours', name }),
  );
  const [first = ''] = await Promise.all(ours);
  const include = files.map((name) => `#include ${name}\n`).join('');
  await ground.configuration({ from: 'made', name: 'extensions.conf', text: include });
  if (mailboxes) await made('voicemail.conf', mailboxes.configuration());
  await made('http.conf', {
    general: { enabled: 'yes', bindaddr: control.listen.host, bindport: String(control.listen.port) },
  });
  await made('ari.conf', {
    general: { enabled: 'yes' },
    [ARI_USER]: { type: 'user', password, password_format: 'plain' },
  });
  const bind = `${sip.host}:${sip.port}`;
  const endpoint = { type: 'endpoint', ...PLAIN_AUDIO, media_address: sip.host };
  await made('pjsip.conf', {
    global: {
      type: 'global',
      endpoint_identifier_order: 'username,anonymous',
      // When it has too much to do, calls wait, which the lab sees, and are not refused with 503, which could be an answer.
      taskprocessor_overload_trigger: 'none',
    },
    udp: { type: 'transport', protocol: 'udp', bind },
    tcp: { type: 'transport', protocol: 'tcp', bind },
    // Whoever is no subscriber may call one.
    anonymous: { ...endpoint, context },
    // Addresses that are no subscriber's are called through it.
    outside: endpoint,
  });
  const runDir = await ground.socketDir();
  const directories = {
    astetcdir: dirname(first),
    // As Debian lays them; its documentation, which Asterisk does not start without, is data.
    ...(modulesDir !== undefined && {
      astmoddir: modulesDir,
      astdatadir: join(modulesDir, '../../../../share/asterisk'),
    }),
    astrundir: runDir,
    ...Object.fromEntries(WRITTEN_TO.map((name) => [name, workDir])),
    astspooldir: runDir, // gone with it: what callers left in mailboxes is no part of a report, nor of the next run
  };
  return made('asterisk.conf', { directories, options: { nocolor: 'yes' } });
}

const WRITTEN_TO = ['astvarlibdir', 'astdbdir', 'astkeydir', 'astagidir', 'astlogdir', 'astsbindir'] as const;

type Sections = Readonly<Record<string, Readonly<Record<string, string>>>>;

function written(sections: Sections): string {
  return Object.entries(sections)
    .map(
      ([name, settings]) =>
        `[${name}]\n${Object.entries(settings)
          .map((each) => `${each.join(' = ')}\n`)
          .join('')}`,
    )
    .join('\n');
}
