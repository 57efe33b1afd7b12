import { unknownWord } from '../unknown-word.ts';
import { ASTERISK, ASTERISK_HEADERS, ASTERISK_VOICEMAIL } from './asterisk/asterisk.ts';
import { ejabberd } from './ejabberd/ejabberd.ts';
import { KAMAILIO } from './kamailio/kamailio.ts';
import { kamailioStock } from './kamailio-stock/kamailio-stock.ts';
import type { ListedServer } from './server.ts';

/** The first is the one that a run takes where nobody says otherwise. */
export const SERVERS: readonly ListedServer[] = [
  KAMAILIO,
  kamailioStock,
  ASTERISK,
  ASTERISK_HEADERS,
  ASTERISK_VOICEMAIL,
  ejabberd,
];

/** @throws {UsageError} naming what there is */
export function serverOf(id: string): ListedServer {
  const found = SERVERS.find((each) => each.id === id);
  if (found !== undefined) return found;
  throw unknownWord(
    'server',
    id,
    SERVERS.map((each) => each.id),
    '--server',
  );
}
