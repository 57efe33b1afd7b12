/** What prints a call's messages, in the report's folder. Pure: pages have it, too. */
export function messagesCommand(cell: string, trace: string): string {
  const [file = ''] = trace.split('#', 1);
  return file.endsWith('.jsonl') ? `grep -F '"cell":"${cell}"' ${file}` : `cat ${file}`;
}
