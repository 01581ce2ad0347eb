import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { addToBasket } from '../basket.ts';
import type { Dish, Money } from '../model.ts';
import { t } from '../say.ts';

const THANKS_MS = 1800;

interface Props {
  readonly dish: Dish;
  /** What bringing an order of its restaurant costs. */
  readonly delivery: Money;
}

/**
 * Puts one portion into the basket; every press is one more. The tick says that the press was taken; that the dish is in
 * the basket is for the basket's own app to say, which also tells screen readers.
 */
export function AddButton({ dish, delivery }: Props): JSX.Element {
  const [presses, setPresses] = useState(0);
  const [thanks, setThanks] = useState(false);

  useEffect(() => {
    if (!presses) return undefined;
    setThanks(true);
    const timer = setTimeout(() => setThanks(false), THANKS_MS);
    return () => clearTimeout(timer);
  }, [presses]);

  function add(): void {
    addToBasket(dish, delivery);
    setPresses((count) => count + 1);
  }

  return (
    <button type="button" class="menu-add" data-thanks={thanks || undefined} onClick={add}>
      <svg viewBox="0 0 20 20" aria-hidden="true">
        <path d={thanks ? 'M4 10.5 8.2 15 16 5.5' : 'M10 3.5v13M3.5 10h13'} />
      </svg>
      <span class="p-visually-hidden">{t('add', { dish: dish.name })}</span>
    </button>
  );
}
