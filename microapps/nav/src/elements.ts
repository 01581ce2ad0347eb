/** Elements without `innerHTML`, which the page's content security policy forbids. */

const SVG = 'http://www.w3.org/2000/svg';

type Attributes = Readonly<Record<string, string | null | undefined>>;

/** An HTML element; attributes that are `null` or `undefined` are left out. */
export function html<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  setAll(element, attributes);
  element.append(...children);
  return element;
}

/** A drawing that says nothing to a screen reader. */
export function drawing(viewBox: string, className: string, ...paths: readonly Attributes[]): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  setAll(svg, { viewBox, class: className, 'aria-hidden': 'true', focusable: 'false' });
  for (const attributes of paths) {
    const path = document.createElementNS(SVG, 'path');
    setAll(path, attributes);
    svg.append(path);
  }
  return svg;
}

function setAll(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
}
