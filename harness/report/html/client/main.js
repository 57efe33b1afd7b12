import { watchAnswers } from './answer-parts.js';
import { showCellOfAddress, watchDialog } from './detail.js';
import { watchFilters } from './filters.js';
import { watchGridKeys, watchPageKeys } from './grid-keys.js';
import { watchTables } from './matrix-tables.js';

watchGridKeys();
watchTables();
watchAnswers();
watchFilters();
watchPageKeys();
watchDialog();
addEventListener('hashchange', showCellOfAddress);
showCellOfAddress();

// The heads of the tables stick below the bar, which wraps on narrow screens.
const bar = document.getElementById('filters');
new ResizeObserver(() => {
  const stuck = getComputedStyle(bar).position === 'sticky';
  document.documentElement.style.setProperty('--bar', `${stuck ? bar.offsetHeight : 0}px`);
}).observe(bar);
