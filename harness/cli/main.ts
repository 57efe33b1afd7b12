#!/usr/bin/env node
/** The process of `./ringfence COMMAND`, from its first line to its end. */
import { enableCompileCache } from 'node:module';
import { commandLine } from './command-line.ts';
import { surviveLostOutput } from './output.ts';

// Compiled once, kept where the environment says, or in the system's folder for temporary files: half a second of every start.
// Child processes have a cache only where the environment names it: 0.2 s of the start of the one that judges.
const { directory } = enableCompileCache();
if (directory !== undefined) process.env.NODE_COMPILE_CACHE ??= directory;

// drachtio-srf asks the environment about each header field of each message, and the real one is searched name by name: a third
// of what it takes to parse a message.
process.env = { ...process.env };

/** When the work is done, nothing may keep the process: whatever still does is a fault, and is named. */
const LINGER_MS = 10_000;
function endSoon(): void {
  setTimeout(() => {
    const held = [...new Set(process.getActiveResourcesInfo())].join(', ');
    process.stderr.write(`ringfence: done, but still held by ${held}; ending all the same\n`);
    process.exit();
  }, LINGER_MS).unref();
}

surviveLostOutput();
process.exitCode = await commandLine(process.argv.slice(2));
endSoon();
