/** `@portico/sdk`: the only thing that a micro-app imports from the platform. */

export { type Activation, activate, activation, deactivate } from './activation.ts';
export { type Api, apiFor, type CallOptions, type GraphQLOptions, type QueryValue, type TypedDocument } from './api.ts';
export {
  type App,
  type AppContext,
  type AppDefinition,
  type AppProps,
  type AppState,
  defineApp,
  type Hook,
  type Hooks,
  type MountParcel,
  type Parcel,
  type ParcelConfig,
  type ParcelHookProps,
  type ParcelProps,
  type ParcelSource,
  type ParcelStatus,
  type Phase,
  type SingleSpa,
} from './app.ts';
export {
  type Boot,
  boot,
  type MountPointEntry,
  mountPoint,
  type Registration,
  type Route,
  type Style,
  type User,
} from './boot.ts';
export {
  type Events,
  events,
  type NavigateDetail,
  type Params,
  type PlatformEvents,
  type SubscribeOptions,
} from './events.ts';
export { idempotencyKey } from './idempotency.ts';
export {
  type DataIn,
  type Message,
  type MessageName,
  type Messages,
  messages,
  type NamesIn,
  type TakeMessage,
} from './messages.ts';
export { type NavigateOptions, navigate, onNavigate } from './navigation.ts';
export { can, signIn, signInUrl, signOut, user } from './person.ts';
export {
  GraphQLError,
  type GraphQLErrorDetail,
  NetworkError,
  type ProblemDetail,
  type ProblemDocument,
  ProblemError,
  SignedOutError,
} from './problem.ts';
export type { AnswerOf, RestApi } from './rest.ts';
