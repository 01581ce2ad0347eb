/** `@portico/sdk/testing`: one micro-app alone in a real browser, with everything around it played. */

export { type Answer, type Answers, type GraphqlAnswers, problem, type Received } from './backend.ts';
export { type AppSource, type Mounted, mountApp, type World } from './mount.ts';
