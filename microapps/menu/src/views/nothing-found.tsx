import type { JSX } from 'preact';
import type { Query } from '../query.ts';

const IDEAS = ['noodles', 'pizza', 'curry', 'vegan', 'dumplings'] as const;

interface Props {
  readonly query: Query;
  /** The chosen cuisine as people read it. */
  readonly cuisine: string;
  readonly onQuery: (query: Query) => void;
}

/** No restaurant answers the query: says so, and offers ways on. */
export function NothingFound({ query, cuisine, onQuery }: Props): JSX.Element {
  const text = query.text.trim();
  const ideas = IDEAS.filter((idea) => idea !== text.toLowerCase()).slice(0, 4);
  return (
    <div class="menu-nothing" role="status">
      <p class="menu-nothing__title">
        Nothing matches {text && <q>{text}</q>}
        {query.cuisine && (text ? ` among ${cuisine} restaurants` : ` ${cuisine} just now`)}
      </p>
      <p>
        {query.cuisine ? 'Look through all cuisines, or try something else.' : 'Try fewer letters, or one of these.'}
      </p>
      <p class="menu-nothing__ways">
        {query.cuisine && (
          <button type="button" class="p-button" onClick={() => onQuery({ ...query, cuisine: '' })}>
            All cuisines
          </button>
        )}
        {ideas.map((idea) => (
          <button
            key={idea}
            type="button"
            class="p-button p-button--quiet"
            onClick={() => onQuery({ text: idea, cuisine: '' })}
          >
            {idea}
          </button>
        ))}
      </p>
    </div>
  );
}
