import type { JSX } from 'preact';
import type { Cuisine } from '../model.ts';
import type { Query } from '../query.ts';
import { t } from '../say.ts';

interface Props {
  readonly query: Query;
  readonly cuisines: readonly Cuisine[];
  readonly onQuery: (query: Query) => void;
}

/** The search box and the cuisines to choose from. Every change is told at once. */
export function SearchForm({ query, cuisines, onQuery }: Props): JSX.Element {
  return (
    <search>
      <form class="menu-search" action="/" onSubmit={(event) => event.preventDefault()}>
        <div class="menu-search__box">
          <label class="p-visually-hidden" htmlFor="menu-q">
            {t('searchLabel')}
          </label>
          <svg class="menu-search__icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d="M10.5 4a6.5 6.5 0 1 0 4 11.6l4.5 4.4 1.4-1.4-4.4-4.5A6.5 6.5 0 0 0 10.5 4Zm0 2a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9Z" />
          </svg>
          <input
            id="menu-q"
            class="p-input menu-search__input"
            type="search"
            name="q"
            value={query.text}
            placeholder={t('searchExample')}
            autocomplete="off"
            enterkeyhint="search"
            maxLength={100}
            onInput={(event) => onQuery({ ...query, text: event.currentTarget.value })}
          />
        </div>
        <fieldset class="menu-cuisines">
          <legend class="p-visually-hidden">{t('cuisine')}</legend>
          {[{ id: '', name: t('all') }, ...cuisines].map(({ id, name }) => (
            <label key={id} class="menu-chip">
              <input
                class="p-visually-hidden"
                type="radio"
                name="cuisine"
                value={id}
                checked={query.cuisine === id}
                onChange={() => onQuery({ ...query, cuisine: id })}
              />
              <span>{name}</span>
            </label>
          ))}
        </fieldset>
      </form>
    </search>
  );
}
