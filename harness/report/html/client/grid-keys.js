/** One tab stop per table, arrow keys inside: nobody tabs through two thousand cells. */
export function watchGridKeys() {
  for (const table of document.querySelectorAll('table.matrix')) {
    const links = [...table.querySelectorAll('td a')];
    for (const link of links.slice(1)) link.tabIndex = -1;
    table.addEventListener('focusin', ({ target }) => {
      if (!links.includes(target)) return;
      for (const link of table.querySelectorAll('a[tabindex="0"], a:not([tabindex])')) link.tabIndex = -1;
      target.tabIndex = 0;
    });
    table.addEventListener('keydown', (event) => {
      const step = STEPS[event.key];
      const cell = event.target.closest('td');
      if (step === undefined || cell === null) return;
      event.preventDefault();
      next(cell, step)?.focus();
    });
  }
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** The next link in a direction, over gaps and over what the filters hide. */
function next(cell, [down, right]) {
  const rows = [...cell.closest('tbody').rows];
  let row = rows.indexOf(cell.parentElement) + down;
  let column = cell.cellIndex + right;
  while (rows[row]?.cells[column] !== undefined) {
    const link = rows[row].cells[column].querySelector('a:not(.off)');
    if (link !== null && !rows[row].hidden) return link;
    row += down;
    column += right;
  }
  return null;
}
