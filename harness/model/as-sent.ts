import type { Expectation } from './results.ts';
import type { HeaderVariant } from './scenario.ts';

/** The row of the matrix that the user's application fills itself: what it sent is read off the wire. */
export const AS_SENT: HeaderVariant = {
  id: 'as-sent',
  title: 'Whatever the application sends by itself',
  kind: 'as-sent',
  headers: [],
  claims: [],
};

/** What is demanded of a call, whoever chose its header lines. */
export interface Demand extends Expectation {
  /** The application chose them: the variant that would have kept its call out. */
  readonly remedy?: string;
}
