// An app and a parcel that are a custom element, with nothing in between.
import { recorded } from './recorded.js';

class View extends HTMLElement {
  #count = 0;
  #heading = document.createElement('h1');
  #text = document.createElement('p');
  #button = Object.assign(document.createElement('button'), { type: 'button' });
  #more = Object.assign(document.createElement('a'), { href: '/element/more', textContent: 'More' });

  connectedCallback() {
    this.#button.addEventListener('click', () => this.#press(1));
    this.#press(0);
    this.append(this.#heading, this.#text, this.#button, this.#more);
  }

  show({ text, kept, portico }) {
    this.#heading.textContent = `Element ${portico?.path ?? ''}`;
    this.#text.textContent = `${text ?? 'no text'}, ${kept ?? 'nothing kept'}`;
    return this;
  }

  #press(times) {
    this.#count += times;
    this.#button.textContent = `Pressed ${this.#count}`;
  }
}
customElements.define('fixture-view', View);

function made() {
  let view;
  return {
    bootstrap: async () => {},
    mount: async (props) => {
      view = document.createElement('fixture-view').show(props);
      props.domElement.append(view);
    },
    update: async (props) => void view.show(props),
    unmount: async () => view.remove(),
  };
}

export const { bootstrap, mount, unmount, update } = recorded(made());
export const parcel = recorded(made());
