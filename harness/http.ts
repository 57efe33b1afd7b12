/**
 * Node's HTTP, without what an `import` of it brings along: that looks at every export, and one of them loads all of undici, 50 ms
 * of processor time and 13 MB of each start (measured).
 */
export const http = process.getBuiltinModule('node:http');
