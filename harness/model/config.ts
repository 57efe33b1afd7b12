import type { RuntimeId, Statement, Transport } from './words.ts';

/**
 * What `ringfence.config.ts` may say: the options of `ringfence run` that hold for every run of a repository. Each is the option
 * of the same name, and an option of the command line wins. Paths go from the folder of the file.
 */
export interface Config {
  /** Folders with scenario and header files. */
  readonly scenarios?: string | readonly string[];
  /** The server under test, or several: an id of `ringfence list servers`, `command:PATH ARGS`, `image:REF` or `sip:HOST:PORT`. @default 'kamailio' */
  readonly server?: string | readonly string[];
  /** Of a server that somebody else runs: the accounts that are there, a YAML file. */
  readonly accounts?: string;
  /** Of such a server: what it is to do with the headers. */
  readonly expect?: Statement;
  /** Of such a server: the address of this machine where it reaches our endpoints. */
  readonly bind?: string;
  /** Who places the calls: `sipp`, `command:PATH ARGS`, `image:REF`. @default 'sipp' */
  readonly caller?: string;
  /** The callees' own phones: `phone`, `baresip`, `command:PATH ARGS`, `image:REF`. @default 'phone' */
  readonly ua?: string;
  /** SIP servers of phones and voice mail. @default 'embedded' */
  readonly drachtio?: string | readonly string[];
  /** @default 'udp' */
  readonly transport?: Transport;
  /** @default 'auto' */
  readonly runtime?: 'auto' | RuntimeId;
  /** Calls begun per second, at most. */
  readonly rate?: number;
  /** Calls under way at once, at most. */
  readonly concurrency?: number;
  /** Every cell is called so often. @default 1 */
  readonly repeat?: number;
  /** Where reports go, each in a folder of its own. @default 'reports' */
  readonly reports?: string;
  /** Where Allure remembers earlier runs. @default `allure-history.jsonl` among the reports */
  readonly history?: string;
  /** One index.html with everything in it, to be sent alone; or data/ beside it. @default one file up to 10,000 cells */
  readonly singleFile?: boolean;
  /** Write Allure's results and page. @default true */
  readonly allure?: boolean;
}
