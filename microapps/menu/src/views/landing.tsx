import { signInUrl } from '@portico/sdk';
import type { JSX } from 'preact';
import { LIST } from '../parts/list.ts';
import { Picture } from '../parts/picture.tsx';
import { t } from '../say.ts';

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

const STEPS = ['look', 'fill', 'sit'] as const;

/** What somebody sees who is not signed in. */
export function Landing(): JSX.Element {
  return (
    <div class="menu menu-landing">
      <section class="menu-hero">
        <h1 tabIndex={-1}>{t('heroTitle')}</h1>
        <p>{t('heroText')}</p>
        <a class="p-button menu-hero__action" href={signInUrl('/')}>
          {t('heroAction')}
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
        {STEPS.map((step, index) => (
          <li key={step} class="menu-step">
            <span class="menu-step__number" aria-hidden="true">
              {index + 1}
            </span>
            <h2>{t(step)}</h2>
            <p>{t(`${step}Text`)}</p>
          </li>
        ))}
      </ol>
    </div>
  );
}
