/** An app that asks its BFF for what it is told to, and shows the answer with what the worker says of it. */

const QUERY = 'query Things($of: String) { things(of: $of) }';

const element = (name, members = {}, ...children) => {
  const made = Object.assign(document.createElement(name), members);
  made.append(...children);
  return made;
};

export const mount = async ({ domElement, portico: { api, path } }) => {
  const answer = element('output', { ariaLabel: 'Answer' });
  const about = element('output', { ariaLabel: 'About' });
  const show = (text, said) => {
    answer.value = text;
    about.value = said;
  };
  const ask = async (work) => {
    show('...', '...');
    try {
      const response = await work();
      const said = ['Portico-As-Of', 'Portico-Stale', 'Portico-Pending']
        .filter((name) => response.headers.has(name))
        .map((name) => (name === 'Portico-As-Of' ? 'kept' : `${name}: ${response.headers.get(name)}`));
      show(await response.text(), said.join(', ') || 'fresh');
    } catch (error) {
      show(`${error.name} ${error.status ?? ''} ${error.code ?? ''}`.trim(), 'failed');
    }
  };
  const query = (of) => api.request('POST', '/graphql', { query: QUERY, variables: { of } }, GRAPHQL);
  window.ask = (what) => ask(() => api.request('GET', what));
  window.query = (of) => ask(() => query(of));
  window.openLocal = async (sub) => {
    const { openLocal } = await import('./local.js');
    return openLocal(sub, { person: () => sub, report: reportError });
  };
  window.late = async () => show((await import('./late.js')).late, 'late');
  domElement.append(element('h1', {}, `Notes EDITION ${path}`), answer, about);
};

export const unmount = async ({ domElement }) => domElement.replaceChildren();

const GRAPHQL = { headers: { Accept: 'application/graphql-response+json' } };
