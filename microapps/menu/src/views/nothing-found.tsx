import type { JSX } from 'preact';
import type { Query } from '../query.ts';
import { t } from '../say.ts';

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
        {t('nothing')} {text && <q>{text}</q>}
        {query.cuisine && ` ${t(text ? 'nothingAmong' : 'nothingNow', { cuisine })}`}
      </p>
      <p>{t(query.cuisine ? 'lookThrough' : 'fewer')}</p>
      <p class="menu-nothing__ways">
        {query.cuisine && (
          <button type="button" class="p-button" onClick={() => onQuery({ ...query, cuisine: '' })}>
            {t('allCuisines')}
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
