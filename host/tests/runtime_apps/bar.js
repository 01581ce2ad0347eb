// What stands in the header on every page.
import { defineApp, mountPoint, onNavigate, user } from '@portico/sdk';

export const { bootstrap, mount, unmount } = defineApp({
  mount({ domElement, portico }) {
    const where = document.createElement('output');
    where.ariaLabel = 'Where';
    where.textContent = portico.path;
    onNavigate(
      ({ path, app }) => {
        where.textContent = `${path} by ${app}`;
      },
      { signal: portico.signal },
    );
    const list = document.createElement('nav');
    for (const { href, label } of mountPoint('nav')) {
      list.append(Object.assign(document.createElement('a'), { href, textContent: label }), ' ');
    }
    domElement.append(
      Object.assign(document.createElement('strong'), { textContent: user()?.name ?? 'nobody' }),
      list,
      where,
    );
  },
});
