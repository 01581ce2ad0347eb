import { signInUrl } from '@portico/sdk';
import type { JSX } from 'preact';
import { LIST } from '../parts/list.ts';
import { Picture } from '../parts/picture.tsx';

/** One arch of the arcade per cuisine; the middle one stands on every screen. */
const ARCHES = [
  ['lokanta', 'turkish'],
  ['hanami', 'japanese'],
  ['milpa', 'mexican'],
  ['sitti', 'levantine'],
  ['junction', 'indian'],
  ['mario', 'italian'],
  ['tasca', 'portuguese'],
  ['suan', 'thai'],
  ['thalassa', 'greek'],
] as const;

const STEPS = [
  ['Look around', 'Search by dish, by kitchen, or by what you cannot quite spell. Diacritics are forgiven.'],
  ['Fill a basket', 'Prices are what the kitchen charges, and the total is worked out before you say yes.'],
  ['Sit back', 'Your order is safe from the moment we confirm it, whatever your network does next.'],
] as const;

/** What somebody sees who is not signed in. */
export function Landing(): JSX.Element {
  return (
    <div class="menu menu-landing">
      <section class="menu-hero">
        <h1 tabIndex={-1}>Dinner from every corner of the city</h1>
        <p>
          Small kitchens, cooked by people who mean it: hand-pulled noodles, stone-baked bread, curries that took all
          day. Brought to your door while they are still hot.
        </p>
        <a class="p-button menu-hero__action" href={signInUrl('/')}>
          Sign in to see who is cooking
        </a>
      </section>
      <div class="menu-arcade" aria-hidden="true">
        {ARCHES.map(([id, cuisine]) => (
          <div key={id} class="menu-arch">
            <Picture id={id} cuisine={cuisine} />
          </div>
        ))}
      </div>
      <ol class="menu-steps" {...LIST}>
        {STEPS.map(([title, text], index) => (
          <li key={title} class="menu-step">
            <span class="menu-step__number" aria-hidden="true">
              {index + 1}
            </span>
            <h2>{title}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ol>
    </div>
  );
}
