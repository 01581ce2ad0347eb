/** `@portico/sdk/log`: what happened in people's browsers, told to the operators (real user monitoring). */

export { log, measure, start } from './facade.ts';
export type { Fields, Level } from './record.ts';
