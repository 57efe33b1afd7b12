/** `npm publish` calls this in a checkout, before it packs. What is published is a file that the tests have installed. */
process.stderr.write(
  'ringfence: a checkout is not published. Make the file, try it, and publish that:\n' +
    '  npm pack\n  npx vitest run test/package\n  npm publish ./ringfence-VERSION.tgz\n',
);
process.exitCode = 1;
