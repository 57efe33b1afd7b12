import { readFileSync } from 'node:fs';

/** In the order in which each needs the ones before. */
const CLIENT_MODULES = [
  'element.js',
  'raw-text.js',
  'message-kind.js',
  'deviation.js',
  'ladder-axis.js',
  'ladder-extras.js',
  'ladder-model.js',
  'ladder-svg.js',
  'ladder-text.js',
  'proof.js',
  'diff.js',
  'hex.js',
  'message-view.js',
  'ladder.js',
  'ladder-keys.js',
  'load-data.js',
  'cell-data.js',
  'cell-facts.js',
  'pcap.js',
  'zip.js',
  'cell-files.js',
  'exports.js',
  'detail.js',
  'grid-keys.js',
  'matrix-cells.js',
  'matrix-tables.js',
  'filters.js',
  'answer-parts.js',
  'main.js',
];

/** The order matters where rules are of equal weight; narrow screens have the last word. */
const STYLE_SHEETS = [
  'base.css',
  'bar.css',
  'verdicts.css',
  'matrix.css',
  'sections.css',
  'answer.css',
  'dialog.css',
  'ladder.css',
  'narrow.css',
  'print.css',
];

/** The page's style sheet. */
export function pageStyle(): string {
  return STYLE_SHEETS.map((name) => asset(`style/${name}`)).join('');
}

/**
 * The page's script: the modules of `client/` in one function. Browsers load no modules from file://, so their imports
 * and exports, one line each, are taken out; the order stands for them.
 */
export function pageScript(): string {
  const bodies = CLIENT_MODULES.map((name) =>
    asset(`client/${name}`)
      .replaceAll(/^import .*;\n/gm, '')
      .replaceAll(/^export (?=const |function |async function )/gm, ''),
  );
  return `(() => {\n'use strict';\n${bodies.join('\n')}})();\n`;
}

function asset(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}
