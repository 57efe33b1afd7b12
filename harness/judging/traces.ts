/** Thousands of small files: on a thread of its own, writing them one after the other without promises takes a third of the time. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SeenMessage } from '../model/observation.ts';
import { traceText } from '../results/write.ts';

const made = new Set<string>();

/** @param file Its folder is made if absent. */
export function keepTrace(file: string, messages: readonly SeenMessage[]): void {
  makeFolderOf(file);
  writeFileSync(file, traceText(messages));
}

/** The folder it goes to is made if absent. */
export function moveTrace(from: string, to: string): void {
  makeFolderOf(to);
  renameSync(from, to);
}

function makeFolderOf(file: string): void {
  const folder = dirname(file);
  if (made.has(folder)) return;
  mkdirSync(folder, { recursive: true });
  made.add(folder);
}
