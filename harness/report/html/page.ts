import { createHash } from 'node:crypto';
import type { RunRows } from '../../model/results.ts';
import type { Earlier } from '../earlier.ts';
import { programsOf, serverTitle } from '../grid.ts';
import { visible } from '../visible.ts';
import { answerSections } from './answer.ts';
import type { CellGroup } from './data.ts';
import { headline, pageHeader } from './header.ts';
import { helpDialog } from './help.ts';
import { likenessSection } from './likeness.ts';
import { matrixSection } from './matrix.ts';
import { matrixData } from './matrix-data.ts';
import type { PageData } from './page-data.ts';
import { pageStyle } from './page-style.ts';
import { type PagePart, PageParts } from './parts.ts';
import { askedSection, claimsSection, findingsSection, runSection } from './sections.ts';
import { asBefore, sinceSection } from './since.ts';
import { html, Markup, scriptJson } from './template.ts';
import { whichData } from './which.ts';

/** The page's text, and what it loads when somebody looks at it; in a single file that goes between `before` and `after`. */
export interface RenderedPage {
  readonly before: string;
  readonly after: string;
  readonly parts: readonly PagePart[];
}

/**
 * `index.html`: one file with everything but the messages, which come from `data/` when a cell is opened, or are in it as well, packed. It needs no
 * server and asks nobody: its content security policy lets it load scripts from its own place only.
 *
 * @param files Other files of the report to link to, relative to the page; none when it is to be sent alone.
 * @param single The parts are to be within the page.
 * @param script What makes it work: `pageScript()`.
 */
export function renderPage(
  results: RunRows,
  groups: readonly CellGroup[],
  files: readonly string[],
  single: boolean,
  script: string,
  earlier: Earlier | null = null,
): RenderedPage {
  const parts = new PageParts(results.cells.length);
  const style = pageStyle();
  const policy = [
    "default-src 'none'",
    // 'self' where a web server hands out the report, file: where it is opened from a disk.
    single ? `script-src '${hash(script)}'` : `script-src 'self' file: '${hash(script)}'`,
    `style-src '${hash(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const data: PageData = {
    startedAt: visible(results.run.startedAt),
    run: {
      id: visible(results.run.id),
      programs: visible(programsOf(results)),
      servers: Object.fromEntries(
        Object.keys(results.run.servers).map((id) => [visible(id), visible(serverTitle(results, id))]),
      ),
    },
    alone: files.length === 0,
    earlier: (earlier?.runs ?? []).map(({ id, startedAt, href }) => ({
      id: visible(id),
      startedAt: visible(startedAt),
      href: files.length === 0 ? null : href,
    })),
    claims: results.claims.map(({ id, statement, source, url, evidence }) => ({
      id: visible(id),
      statement: visible(statement),
      source: visible(source),
      url: visible(url),
      evidence: visible(evidence),
    })),
    situations: results.situations.map(({ id, title }) => ({ id: visible(id), title: visible(title) })),
    variants: results.variants.map(({ id, title, headers }) => ({
      id: visible(id),
      title: visible(title),
      headerNames: headers.map((line) =>
        visible(line.split(':')[0] ?? '')
          .trim()
          .toLowerCase(),
      ),
    })),
    matrix: matrixData(results, parts),
    which: parts.large ? parts.add('which', () => whichData(results)) : whichData(results),
    files: groups.map(({ key, file }) => [visible(key), file]),
  };
  const { answer, policies } = answerSections(results, parts);
  const before = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">
<title>Ringfence: ${headline(results)}</title>
<style>${new Markup(style)}</style></head>
<body>
<a class="skip" href="#answer">Skip to the answer</a>
${pageHeader(results, asBefore(earlier, files.length === 0), policies !== null)}
<main>
${sinceSection(earlier, files.length === 0)}
${answer}
${likenessSection(results)}
${findingsSection(results.cells)}
${matrixSection(results, parts)}
${policies}
${claimsSection(results)}
${askedSection(results)}
${runSection(results, files)}
</main>
<dialog id="detail" aria-labelledby="detail-h"></dialog>
${helpDialog()}
<script type="application/json" id="data">${new Markup(scriptJson(data))}</script>
`;
  return { before: before.text, after: `<script>${script}</script>\n</body></html>\n`, parts: parts.all };
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
