import { watchAnswers } from './answer-parts.ts';
import { showCellOfAddress, watchDialog } from './detail.ts';
import { byId } from './element.ts';
import { watchFilters } from './filters.ts';
import { watchGridKeys, watchPageKeys } from './grid-keys.ts';
import { watchTables } from './matrix-tables.ts';
import { watchWhich } from './which.ts';

watchGridKeys();
watchTables();
watchAnswers();
watchFilters();
watchWhich();
watchPageKeys();
watchDialog();
addEventListener('hashchange', () => void showCellOfAddress());
void showCellOfAddress();

// The heads of the tables stick below the bar, which wraps on narrow screens.
const bar = byId('filters', HTMLElement);
new ResizeObserver(() => {
  const stuck = getComputedStyle(bar).position === 'sticky';
  document.documentElement.style.setProperty('--bar', `${stuck ? bar.offsetHeight : 0}px`);
}).observe(bar);
