const form = document.getElementById('filters');
const blocks = [...document.querySelectorAll('.block')].map((block) => ({
  block,
  policy: block.dataset.policy,
  rows: [...block.querySelectorAll('tbody tr')].map((row) => ({
    row,
    cells: [...row.querySelectorAll('td a')].map((link) => ({
      link,
      verdict: link.parentElement.classList[0],
      words: wordsOf(link, row),
    })),
  })),
}));

/** What a cell is found by: its id, the variant's title, the reason. */
function wordsOf(link, row) {
  const id = decodeURIComponent(link.getAttribute('href').slice(1));
  return `${id} ${row.firstElementChild.textContent} ${link.title}`.toLowerCase();
}

/** Shows what the form asks for; rows and tables with nothing left go away. */
export function applyFilters() {
  const { policy, text, shown } = form.elements;
  const verdicts = [...form.querySelectorAll('input[name="verdict"]:checked')].map((box) => box.value);
  const words = text.value
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  let count = 0;
  for (const { block, policy: own, rows } of blocks) {
    let inBlock = 0;
    for (const { row, cells } of rows) {
      let inRow = 0;
      for (const cell of cells) {
        const on =
          (policy.value === '' || policy.value === own) &&
          (verdicts.length === 0 || verdicts.includes(cell.verdict)) &&
          words.every((word) => cell.words.includes(word));
        cell.link.classList.toggle('off', !on);
        if (on) inRow += 1;
      }
      row.hidden = inRow === 0;
      inBlock += inRow;
    }
    block.hidden = inBlock === 0;
    count += inBlock;
  }
  shown.value = `${count.toLocaleString('en-US')} ${count === 1 ? 'cell' : 'cells'}`;
}

export function watchFilters() {
  form.addEventListener('input', applyFilters);
  form.addEventListener('submit', (event) => event.preventDefault());
  applyFilters(); // browsers keep what was chosen over a reload
}
