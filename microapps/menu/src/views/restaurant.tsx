import { boot, ProblemError } from '@portico/sdk';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { BANNER } from '../artwork/artwork.ts';
import type { Restaurant as Known, Money, Section } from '../model.ts';
import { AddButton } from '../parts/add-button.tsx';
import { AsOf } from '../parts/as-of.tsx';
import { DishRow } from '../parts/dish-row.tsx';
import { Facts } from '../parts/facts.tsx';
import { LIST } from '../parts/list.ts';
import { NativeName } from '../parts/native-name.tsx';
import { Parcels } from '../parts/parcels.tsx';
import { Picture } from '../parts/picture.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { t } from '../say.ts';
import { known, useSession } from '../session.ts';
import { useLoaded } from '../use-loaded.ts';

/** One restaurant and all its dishes. What the list showed of it is there at once. */
export function Restaurant({ id }: { readonly id: string }): JSX.Element {
  const session = useSession();
  const { value, error, retry } = useLoaded(id, session.restaurants, (signal) => session.api.restaurant(id, signal));
  const head = value ?? known(session, id);
  useTitle(head?.name);
  useArrival(value !== undefined);

  if (error instanceof ProblemError && error.status === 404) return <Missing />;
  return (
    <div class="menu menu-restaurant">
      <Banner restaurant={head} failed={error !== undefined} />
      {value ? <Sections sections={value.sections} delivery={value.delivery.fee} /> : !error && <SectionsSkeleton />}
      {value && <Parcels restaurantId={id} />}
      {error !== undefined && <Trouble what={t('dishesNotFetched')} error={error} retry={retry} />}
    </div>
  );
}

interface BannerProps {
  readonly restaurant: Known | undefined;
  /** Nothing is on its way: to say "one moment" would be untrue. */
  readonly failed: boolean;
}

function Banner({ restaurant, failed }: BannerProps): JSX.Element {
  const meanwhile = failed ? t('dishes') : <span class="p-skeleton menu-bone--title">{t('oneMoment')}</span>;
  return (
    <header class="menu-banner">
      <a class="menu-banner__back" href="/">
        {t('allRestaurants')}
      </a>
      <div class="menu-banner__picture">
        {restaurant && <Picture id={restaurant.id} cuisine={restaurant.cuisine} canvas={BANNER} />}
      </div>
      <div class="menu-banner__text">
        {/* One element from the first moment on, because the runtime moves the focus to it. */}
        <h1 tabIndex={-1}>
          {restaurant ? restaurant.name : meanwhile}{' '}
          {restaurant && <NativeName name={restaurant.nativeName} cuisine={restaurant.cuisine} />}
        </h1>
        {restaurant && <p class="menu-banner__tagline">{restaurant.tagline}</p>}
        {restaurant && <Facts restaurant={restaurant} />}
        <AsOf />
      </div>
    </header>
  );
}

interface SectionsProps {
  readonly sections: readonly Section[];
  /** What bringing an order costs. */
  readonly delivery: Money;
}

function Sections({ sections, delivery }: SectionsProps): JSX.Element {
  return (
    <div class="menu-sections">
      <nav class="menu-contents" aria-label={t('sections')}>
        <ul {...LIST}>
          {sections.map(({ name }, index) => (
            <li key={name}>
              <a href={`#section-${index + 1}`} dir="auto">
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div>
        {sections.map(({ name, dishes }, index) => (
          <section key={name} class="menu-section" id={`section-${index + 1}`} aria-labelledby={`heading-${index + 1}`}>
            <h2 id={`heading-${index + 1}`}>
              <bdi>{name}</bdi>
            </h2>
            <ul class="menu-dishes" {...LIST}>
              {dishes.map((dish) => (
                <DishRow key={dish.id} dish={dish}>
                  <AddButton dish={dish} delivery={delivery} />
                </DishRow>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </div>
  );
}

function SectionsSkeleton(): JSX.Element {
  return (
    <div class="menu-sections" role="status">
      <span class="p-visually-hidden">{t('fetchingDishes')}</span>
      <div aria-hidden="true" class="menu-sections__bones">
        {Array.from({ length: 6 }, (_, index) => (
          <p key={index} class="p-skeleton menu-bone menu-bone--dish">
            &nbsp;
          </p>
        ))}
      </div>
    </div>
  );
}

function Missing(): JSX.Element {
  return (
    <section class="p-page">
      <p class="p-page__code" aria-hidden="true">
        404
      </p>
      <h1 tabIndex={-1}>{t('missing')}</h1>
      <p>{t('missingText')}</p>
      <a class="p-button" href="/">
        {t('allRestaurants')}
      </a>
    </section>
  );
}

/** Puts the restaurant's name into the document's title. */
function useTitle(name: string | undefined): void {
  useEffect(() => {
    if (name) document.title = [name, boot().heading ?? 'Portico'].join(' · ');
  }, [name]);
}

/** Scrolls to the dish that the address names, once it is there, and marks it: `:target` is decided before it exists. */
function useArrival(ready: boolean): void {
  useEffect(() => {
    const target = ready && location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    target?.scrollIntoView({ block: 'center' });
    target?.setAttribute('data-arrived', '');
  }, [ready]);
}
