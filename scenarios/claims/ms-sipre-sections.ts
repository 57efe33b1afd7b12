import type { Claim } from '../../harness/model/scenario.ts';
import { READ_ON } from './groups.ts';

const TITLE = '[MS-SIPRE]: Session Initiation Protocol (SIP) Routing Extensions';
const BASE = 'https://learn.microsoft.com/openspecs/office_protocols/ms-sipre/';

/** A section of the specification; `page` is its id in the published tree. */
export function msSipre(section: string, page: string): Claim['source'] {
  return { title: TITLE, section, url: `${BASE}${page}`, readOn: READ_ON };
}
