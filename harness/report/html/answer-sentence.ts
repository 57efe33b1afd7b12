import { answerSentence, type Piece } from '../answer-sentence.ts';
import type { BlockAnswers } from '../answers.ts';
import { html, type Markup } from './template.ts';

/** What a policy does, as markup. @param place which policy it is, and where */
export function answerMarkup(answers: BlockAnswers, place: string): Markup {
  return html`<strong class="place">${place}</strong> <span class="says">${answerSentence(answers).map(pieceMarkup)}</span>`;
}

function pieceMarkup(piece: Piece): Markup {
  if (typeof piece === 'string') return html`${piece}`;
  return 'code' in piece ? html`<code>${piece.code}</code>` : html`<span class="open">${piece.open}</span>`;
}
