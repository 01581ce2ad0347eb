/** `@portico/runtime`: what runs in the page and mounts micro-apps. */

export { type Runtime, start } from './runtime.ts';
