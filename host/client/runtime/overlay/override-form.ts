/** Setting and ending the own version of one app. What comes of it shows when the page has been loaded anew. */

import { button, element } from './elements.ts';
import { described, type Override, overrideOf, setOverride } from './overrides.ts';

/** The form of an app without an override; of one that has one, what it is and the button that ends it. */
export function overrideForm(app: string, own: Override | undefined, reload = () => location.reload()): HTMLElement {
  const problem = element('p', { role: 'alert', className: 'problem' });
  const change = async (to: Override | null): Promise<void> => {
    problem.textContent = '';
    try {
      await setOverride(app, to);
      reload();
    } catch (error) {
      problem.textContent = (error as Error).message;
    }
  };
  if (own) {
    const end = button('Remove', () => void change(null));
    end.ariaLabel = `Remove your own version of ${app}`;
    return element('div', {}, element('p', { className: 'own' }, `Your own: ${described(own)} `, end), problem);
  }
  const label = `Your own version of ${app}: a URL, or a release's digest`;
  const input = element('input', { required: true, ariaLabel: label, placeholder: 'URL or digest', spellcheck: false });
  const form = element('form', {}, input, element('button', {}, 'Use'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void change(overrideOf(input.value));
  });
  const more = element('details', {}, element('summary', {}, 'Use your own version'), form, problem);
  return more;
}
