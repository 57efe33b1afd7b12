import type { TlsFiles } from '../server.ts';

/** Of the module `tls`: both who calls and who is called has to show a certificate of the same authority. */
export function tlsConfig({ ca, certificate, key, asksClients = true }: TlsFiles): string {
  const own = [`private_key = ${key}`, `certificate = ${certificate}`, `ca_list = ${ca}`];
  const isAsked = asksClients ? 'yes' : 'no';
  const section = (name: string, asked: string): string =>
    [
      `[${name}]`,
      'method = TLSv1.2+',
      `verify_certificate = ${asked}`,
      `require_certificate = ${asked}`,
      ...own,
      '',
    ].join('\n');
  return `${section('server:default', isAsked)}\n${section('client:default', isAsked)}`;
}
