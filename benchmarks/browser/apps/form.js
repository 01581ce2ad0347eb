// The third view: a form of twelve fields that checks what is typed.
import { begin, end, navigation, rootOf } from './parts.js';

const FIELDS = Array.from({ length: 12 }, (_, n) => `Field ${n + 1}`);

export const bootstrap = async () => {};

export const mount = async (props) => {
  const root = begin(rootOf(props), 'A form');
  const form = document.createElement('form');
  for (const name of FIELDS) {
    const label = document.createElement('label');
    const input = Object.assign(document.createElement('input'), { name, required: true });
    input.addEventListener('input', () => {
      label.dataset.valid = String(input.validity.valid);
    });
    label.append(`${name} `, input);
    form.append(label);
  }
  form.append(Object.assign(document.createElement('button'), { textContent: 'Keep' }));
  form.addEventListener('submit', (event) => event.preventDefault());
  root.append(navigation(), form);
  end('form');
};

export const unmount = async (props) => rootOf(props).replaceChildren();
