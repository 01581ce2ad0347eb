/**
 * What ratings look like. A parcel's style sheets are nobody's but its own affair: they are adopted with the first one,
 * in the layer of the apps, and name nothing but their own classes.
 */
const TEXT = `@layer apps.ratings {
  .ratings { display: grid; gap: var(--p-space-4); min-inline-size: 0; }
  form.ratings { padding: var(--p-space-5); }
  .p-notice + .ratings { margin-block-start: var(--p-space-4); }
  .ratings h2 { font-size: var(--p-text-lg); }
  .ratings__bone { block-size: 6rem; }
  .ratings__back { justify-self: start; min-block-size: 2rem; color: var(--p-text-muted); font-size: var(--p-text-sm); }
  .ratings__stars { color: var(--p-accent-strong); letter-spacing: 0.1em; }
  .ratings__list { display: grid; gap: var(--p-space-4); padding: 0; margin: 0; list-style: none; }
  .ratings__list li { display: grid; gap: var(--p-space-1); }
  .ratings__facts { color: var(--p-text-muted); font-size: var(--p-text-sm); }
  .ratings__words { overflow-wrap: anywhere; }
  .ratings__choice { display: flex; flex-wrap: wrap; gap: var(--p-space-2); border: 0; padding: 0; margin: 0; }
  .ratings__choice legend { padding: 0; margin-block-end: var(--p-space-2); font-weight: 600; }
  .ratings__choice label {
    display: flex; align-items: center; gap: var(--p-space-2);
    min-block-size: 2.75rem; padding: var(--p-space-1) var(--p-space-3);
    border: 1px solid var(--p-border-strong); border-radius: var(--p-radius-md); cursor: pointer;
  }
  .ratings__choice label:has(:checked) { border-color: var(--p-accent); box-shadow: inset 0 0 0 1px var(--p-accent); }
  .ratings__choice input { accent-color: var(--p-accent); }
  .ratings textarea { min-block-size: 5rem; inline-size: 100%; }
  .ratings .p-button { justify-self: start; }
}`;

let sheet: CSSStyleSheet | undefined;

/** Adopts the sheet once. */
export function adoptStyles(): void {
  if (sheet) return;
  sheet = new CSSStyleSheet();
  sheet.replaceSync(TEXT);
  document.adoptedStyleSheets.push(sheet);
}
