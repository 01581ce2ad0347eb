/** The type of a client for one OpenAPI document, whose paths are as `openapi-typescript` writes them. */

import type { Api, CallOptions, QueryValue } from './api.ts';

type Method = 'get' | 'post' | 'put' | 'delete';

/** A path with values in the place of its parameters. */
type Concrete<Path extends string> = Path extends `${infer Before}{${string}}${infer After}`
  ? `${Before}${string}${Concrete<After>}`
  : Path;

/** The templates that have a method. */
type Templates<Paths, Verb extends Method> = {
  [Path in keyof Paths & string]: Paths[Path] extends { readonly [V in Verb]: object } ? Path : never;
}[keyof Paths & string];

/** The operation that a path is answered by; a union where two templates fit it. */
type Operation<Paths, Verb extends Method, Path> = {
  [Template in Templates<Paths, Verb>]: Path extends Concrete<Template>
    ? Paths[Template] extends { readonly [V in Verb]: infer Found }
      ? Found
      : never
    : never;
}[Templates<Paths, Verb>];

type Json<Part> = Part extends { readonly content: { readonly 'application/json': infer Body } } ? Body : undefined;

/** The body of the successful answers; `undefined` for an empty one. */
export type AnswerOf<Found> = Found extends { readonly responses: infer Responses }
  ? {
      [Status in keyof Responses]: Status extends 200 | 201 | 202 | 204 ? Json<Responses[Status]> : never;
    }[keyof Responses]
  : unknown;

type BodyOf<Found> = Found extends { readonly requestBody?: infer Body } ? Json<NonNullable<Body>> : undefined;

type QueryOf<Found> = Found extends { readonly parameters: { readonly query?: infer Query } }
  ? { readonly [Name in keyof NonNullable<Query>]?: NonNullable<Query>[Name] | null | undefined }
  : Readonly<Record<string, QueryValue>>;

type Options<Found> = Omit<CallOptions, 'query'> & { readonly query?: QueryOf<Found> | undefined };

/** An `Api` that knows the paths, bodies and answers of its BFF: `const api: RestApi<paths> = portico.api`. */
export interface RestApi<Paths> extends Pick<Api, 'base' | 'request'> {
  get<const Path extends Concrete<Templates<Paths, 'get'>>>(
    path: Path,
    options?: Options<Operation<Paths, 'get', Path>>,
  ): Promise<AnswerOf<Operation<Paths, 'get', Path>>>;
  post<const Path extends Concrete<Templates<Paths, 'post'>>>(
    path: Path,
    body?: BodyOf<Operation<Paths, 'post', Path>>,
    options?: Options<Operation<Paths, 'post', Path>>,
  ): Promise<AnswerOf<Operation<Paths, 'post', Path>>>;
  put<const Path extends Concrete<Templates<Paths, 'put'>>>(
    path: Path,
    body?: BodyOf<Operation<Paths, 'put', Path>>,
    options?: Options<Operation<Paths, 'put', Path>>,
  ): Promise<AnswerOf<Operation<Paths, 'put', Path>>>;
  delete<const Path extends Concrete<Templates<Paths, 'delete'>>>(
    path: Path,
    options?: Options<Operation<Paths, 'delete', Path>>,
  ): Promise<AnswerOf<Operation<Paths, 'delete', Path>>>;
  command<const Path extends Concrete<Templates<Paths, 'post'>>>(
    path: Path,
    body?: BodyOf<Operation<Paths, 'post', Path>>,
    options?: Options<Operation<Paths, 'post', Path>>,
  ): Promise<AnswerOf<Operation<Paths, 'post', Path>>>;
}
