/** The server side of a test: answers what the app asks of its own BFF, and writes down what was asked. */

/** A request that the app made of its BFF. */
export interface Received {
  readonly method: string;
  /** Below the BFF's address, without query. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** The decoded JSON body, `undefined` without one. */
  readonly body: unknown;
}

/** A JSON value (`undefined` for an empty answer), a whole `Response`, or a function that makes one; it may wait or throw. */
export type Answer<Question> = unknown | ((question: Question) => unknown);

/** Answers by method and path, in URLPattern's syntax: `{'GET /things/:id': ({params}) => ({id: params.id})}`. */
export type Answers = Readonly<Record<string, Answer<Received>>>;

/** GraphQL's `data` by operation name; a function gets the variables. */
// biome-ignore lint/suspicious/noExplicitAny: each operation has variables of its own
export type GraphqlAnswers = Readonly<Record<string, Answer<any>>>;

interface Rule {
  readonly method: string;
  readonly pattern: URLPattern;
  readonly answer: Answer<Received>;
}

/** A problem document (RFC 9457), as BFFs answer: `problem(409, 'conflict', 'Somebody was faster.')`. */
export function problem(
  status: number,
  code: string,
  detail = '',
  more: Readonly<Record<string, unknown>> = {},
): Response {
  const document = { type: `https://portico.dev/problems/${code}`, title: code, status, detail, ...more };
  return Response.json(document, { status, headers: { 'Content-Type': 'application/problem+json' } });
}

/** Plays the BFF at `base`, `/api/<app>`. What nobody has an answer for is answered 501, and named. */
export class Backend {
  readonly received: Received[] = [];
  readonly #rules: readonly Rule[];

  constructor(
    readonly base: string,
    answers: Answers,
    readonly graphql: GraphqlAnswers,
  ) {
    this.#rules = Object.entries(answers).map(([key, answer]) => {
      const [method = '', pathname = ''] = key.split(' ');
      if (!pathname.startsWith('/'))
        throw new Error(`${JSON.stringify(key)} is no method and path, like "GET /things"`);
      return { method, pattern: new URLPattern({ pathname }), answer };
    });
  }

  /** Answers a request below `base`. */
  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = url.pathname.slice(this.base.length) || '/';
    const { method, headers } = request;
    const text = await request.text();
    const body = text ? JSON.parse(text) : undefined;
    const question = { method, path, params: {}, query: url.searchParams, headers, body };
    if (method === 'POST' && path === '/graphql') return this.#graphql(question);
    for (const rule of this.#rules) {
      const match = rule.method === method && rule.pattern.exec({ pathname: path });
      if (!match) continue;
      const params = Object.fromEntries(
        Object.entries(match.pathname.groups).map(([name, value]) => [name, decodeURIComponent(value ?? '')]),
      );
      return responseOf(await this.#made(rule.answer, { ...question, params }));
    }
    this.received.push(question);
    return problem(501, 'not-played', `The test answers no ${method} ${path}`);
  }

  async #graphql(question: Received): Promise<Response> {
    const { query, operationName, variables } = question.body as Record<string, unknown>;
    const name = operationName ?? /(?:query|mutation)\s+(\w+)/.exec(String(query))?.[1] ?? '';
    this.received.push(question);
    if (!Object.hasOwn(this.graphql, String(name)))
      return problem(501, 'not-played', `The test answers no GraphQL operation ${JSON.stringify(name)}`);
    const answer = this.graphql[String(name)];
    const data = await (typeof answer === 'function' ? answer(variables) : answer);
    if (data instanceof Response) return data;
    return Response.json({ data }, { headers: { 'Content-Type': 'application/graphql-response+json' } });
  }

  async #made(answer: Answer<Received>, question: Received): Promise<unknown> {
    this.received.push(question);
    return typeof answer === 'function' ? answer(question) : answer;
  }
}

function responseOf(value: unknown): Response {
  if (value instanceof Response) return value;
  return value === undefined ? new Response(null, { status: 204 }) : Response.json(value);
}
