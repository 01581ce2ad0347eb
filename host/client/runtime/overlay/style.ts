/** The overlay's look: its own, so that a broken page cannot spoil it; light or dark as the person likes it. */

export const STYLE = `
  /* A page's rules for "*" would win over plain ones here, and its root's font size over rem: so em, of the person's own size. */
  :host {
    all: initial !important;
    position: fixed !important;
    inset: auto 1em 1em auto !important;
    display: block !important;
    inline-size: min(30em, 100vw - 2em) !important;
    color-scheme: light dark;
    --bg: light-dark(#ffffff, #1b1720);
    --raised: light-dark(#f3eff6, #28222f);
    --text: light-dark(#221a2a, #f3eef8);
    --muted: light-dark(#5d5368, #b9aec6);
    --line: light-dark(#d8cfe0, #443a50);
    --edge: light-dark(#857a91, #8d8199);
    --mark: light-dark(#5b2a86, #d9b3ff);
    --good: light-dark(#17603b, #83d9ab);
    --bad: light-dark(#a30f28, #ff9aa3);
  }
  :host([data-moved]) { inset: var(--y) auto auto var(--x) !important; }
  * { box-sizing: border-box; margin: 0; }
  section {
    display: flex; flex-direction: column; block-size: min(36em, 100vh - 2em); overflow: hidden;
    font: 0.875em/1.45 system-ui, sans-serif; color: var(--text); background: var(--bg);
    border: 1px solid var(--edge); border-radius: 0.75em; box-shadow: 0 12px 40px #0006;
  }
  .bar {
    display: flex; align-items: center; gap: 0.5em; padding: 0.5em 0.5em 0.5em 0.875em; cursor: move;
    touch-action: none; user-select: none; background: var(--raised);
  }
  h2 { flex: 1; font-size: 1.15em; }
  h3 { font-size: 1em; overflow-wrap: anywhere; }
  .note, .version, time { color: var(--muted); font-weight: 400; overflow-wrap: anywhere; }
  button, input { font: inherit; color: inherit; min-block-size: 2.3em; border: 1px solid var(--edge); border-radius: 0.5em; background: var(--bg); }
  button { padding: 0.125em 0.75em; cursor: pointer; }
  button:hover { background: var(--raised); border-color: var(--text); }
  .bar button[aria-description] { cursor: move; }
  input { inline-size: 100%; padding: 0.125em 0.5em; }
  input::placeholder { color: var(--muted); opacity: 1; }
  :focus-visible { outline: 3px solid var(--mark); outline-offset: 1px; }
  [role="tabpanel"]:focus-visible, .lines:focus-visible { outline-offset: -3px; }
  [role="tablist"] { display: flex; flex-wrap: wrap; padding: 0 0.5em; background: var(--raised); border-block-end: 1px solid var(--line); }
  [role="tab"] { border: 0; border-radius: 0; background: none; padding: 0.25em 0.625em; border-block-end: 3px solid transparent; }
  [role="tab"][aria-selected="true"] { border-block-end-color: var(--mark); font-weight: 600; }
  [role="tabpanel"] { flex: 1; min-block-size: 0; overflow: auto; overscroll-behavior: contain; padding: 0.75em; display: flex; flex-direction: column; gap: 0.5em; align-items: stretch; }
  [role="tabpanel"] > button { align-self: start; flex: none; }
  .rows, .lines { list-style: none; padding: 0; }
  .rows > li { padding-block: 0.625em; border-block-start: 1px solid var(--line); display: grid; gap: 0.25em; }
  .lines > li { padding-block: 0.25em; border-block-start: 1px solid var(--line); overflow-wrap: anywhere; }
  .lines :is([data-kind="failure"], [data-kind="error"]) b, .lines > :is([data-kind="failure"], [data-kind="error"]) b, .problem { color: var(--bad); }
  time { font-variant-numeric: tabular-nums; }
  :is(ol, ul):empty, :is(ol, ul):not(:empty) + .empty, .problem:empty, p:empty { display: none; }
  .badge { padding: 0 0.5em; border-radius: 1em; border: 1px solid currentcolor; color: var(--muted); font-size: 0.86em; font-weight: 600; white-space: nowrap; }
  .badge[data-state="mounted"] { color: var(--good); }
  .badge:is([data-state="failed"], [data-state="conflict"]) { color: var(--bad); }
  .own { overflow-wrap: anywhere; }
  details > summary { cursor: pointer; padding-block: 0.125em; border-radius: 0.25em; }
  form { display: flex; gap: 0.5em; padding-block: 0.25em; }
  pre { overflow: auto; max-block-size: 12em; padding: 0.5em; border-radius: 0.5em; background: var(--raised); font: 0.86em/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
  code { font: 0.93em/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; inline-size: 100%; }
  th, td { text-align: start; padding: 0.25em 0.5em 0.25em 0; border-block-end: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
  th { color: var(--muted); font-weight: 600; }
  [hidden] { display: none; }
  @media (max-width: 33rem) {
    :host { inset: auto 0 0 0 !important; inline-size: 100vw !important; }
    :host([data-moved]) { inset: var(--y) 0 auto 0 !important; }
    section { block-size: min(29em, 70vh); border-radius: 0.75em 0.75em 0 0; }
  }
  @media (forced-colors: active) { .badge, [role="tab"][aria-selected="true"] { border-color: Highlight; } }
`;
