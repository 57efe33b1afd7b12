import { loadData, page } from './load-data.js';

/** Every cell of the matrix in a few bytes: a table is a string, a place in it a character, row by row. */
const { columns, blocks, verdicts } = page.matrix;
/** Verdict by character, and whether the cell is unsteady. */
const CHARACTERS = verdicts.flatMap((verdict, index) => [
  { character: String(index), names: [verdict] },
  { character: String(index + verdicts.length), names: [verdict, 'unsteady'] },
]);

/** What cells are found by, in lower case. */
const situationWords = columns.map(({ situation }) => situation.toLowerCase());
const variantWords = page.variants.map(({ id, title }) => `${id}${title}`.toLowerCase());
const variantIds = page.variants.map(({ id }) => id.toLowerCase());
const blockWords = blocks.map((block) => partsOf(block).map((part) => part.toLowerCase()));
/** `null` until they are there: `{ texts, at }`, with the index of each place's text in `at`, or -1. */
let reasons = typeof page.matrix.reasons === 'string' ? null : unfolded(page.matrix.reasons);

export const columnCount = columns.length;

export function rowCount(index) {
  return blocks[index].variants.length;
}

/** Reasons of a large run come later. @returns whether they were missing */
export async function loadReasons() {
  if (reasons !== null) return false;
  reasons = unfolded(await loadData(page.matrix.reasons, { keep: true }));
  return true;
}

function unfolded({ texts, at }) {
  const perBlock = at.map((pairs, index) => {
    const textOf = new Int32Array(blocks[index].cells.length).fill(-1);
    for (let pair = 0; pair < pairs.length; pair += 2) textOf[pairs[pair]] = pairs[pair + 1];
    return textOf;
  });
  return { texts: texts.map((text) => text.toLowerCase()), at: perBlock };
}

function partsOf({ server, policy, transport, path }) {
  return [server, policy, transport, path];
}

/**
 * A function that says of each table which of its cells are wanted: a byte per place, 1 where one is.
 *
 * @param {Record<string, string>} choices Names and values of what is chosen; others are left out.
 * @param {readonly string[]} wantedVerdicts Empty: all.
 * @param {readonly string[]} words In lower case; a cell has them all.
 */
export function cellFilter(choices, wantedVerdicts, words) {
  const characters = new Set(
    CHARACTERS.filter(
      ({ names }) => wantedVerdicts.length === 0 || names.some((name) => wantedVerdicts.includes(name)),
    ).map(({ character }) => character),
  );
  const inColumn = columns.map(({ feature }) => choices.feature === undefined || feature === choices.feature);
  const searches = words.map(wordSearch);
  return (index) => {
    const block = blocks[index];
    const wanted = new Uint8Array(block.cells.length);
    if (
      ['policy', 'server', 'transport'].some((name) => choices[name] !== undefined && block[name] !== choices[name])
    ) {
      return wanted;
    }
    const here = searches.map((search) => search(index)).filter((each) => each !== null);
    let place = 0;
    for (const variant of block.variants) {
      const chosen = choices.variant === undefined || page.variants[variant].id === choices.variant;
      for (let column = 0; column < columns.length; column += 1, place += 1) {
        if (!chosen || !inColumn[column] || !characters.has(block.cells[place])) continue;
        if (here.every((found) => found(variant, column, place))) wanted[place] = 1;
      }
    }
    return wanted;
  };
}

/** Looks a word up once in whatever many cells share, so that a table of a thousand cells costs no search of texts. */
function wordSearch(word) {
  const inSituation = situationWords.map((text) => text.includes(word));
  const inVariant = variantWords.map((text) => text.includes(word));
  const inText = reasons?.texts.map((text) => text.includes(word)) ?? [];
  return (index) => {
    const [server, policy, transport, path] = blockWords[index];
    // Found in what all cells of the table share.
    if ([server, policy, transport, path].some((part) => part.includes(word))) return null;
    const textOf = reasons?.at[index];
    const inReason = (place) => textOf !== undefined && textOf[place] >= 0 && inText[textOf[place]];
    // Only a word with a slash can reach over several parts of an id.
    const inId = word.includes('/')
      ? (variant, column) =>
          `${server}/${policy}/${situationWords[column]}/${variantIds[variant]}/${transport}/${path}`.includes(word)
      : () => false;
    return (variant, column, place) =>
      inVariant[variant] || inSituation[column] || inReason(place) || inId(variant, column);
  };
}
