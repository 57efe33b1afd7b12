/** What prints a call's messages, in the report's folder. Pure: pages have it, too. */
export function messagesCommand(cell: string, trace: string): string {
  const [file = ''] = trace.split('#', 1);
  const line = `-F '"cell":"${cell}"' ${file}`;
  if (file.endsWith('.gz')) return `zgrep ${line}`;
  return file.endsWith('.jsonl') ? `grep ${line}` : `cat ${file}`;
}
