#!/usr/bin/env node
/**
 * A second, independent OpenID provider for tests: npm `oidc-provider`, certified, with people who need no password.
 *
 *     node tools/oidc_provider.mjs --port 9200 --resources urn:example:
 *
 * Clients register themselves (`POST /reg`, RFC 7591). It stands on loopback alone, prints `ready`, and ends when its
 * input does. For tests only, `POST /_test/keys` publishes new keys and signs with them: `{"keep": true}` leaves the
 * old ones beside them, as a provider does that rotates; without it they are withdrawn. `GET /_test/counts` tells how
 * often each endpoint was asked.
 */

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import Provider from 'oidc-provider';
import { Store } from './oidc_provider_store.mjs';

const { values } = parseArgs({
  options: { port: { type: 'string' }, resources: { type: 'string', default: 'urn:' } },
});
const port = Number(values.port);
const issuer = `http://localhost:${port}`;

const PEOPLE = {
  ada: { name: 'Ada Lovelace', email: 'ada@people.example', roles: ['editor', 'reader'] },
  ben: { name: 'Ben', roles: [], tenant: 'north' },
};
const SCOPES = 'openid profile email';
const RESOURCE_SCOPE = 'bff';

const counts = {};
let keys = newKeys();
let provider = newProvider();

function newKeys() {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return [publishable(ec.privateKey, 'ES256'), publishable(rsa.privateKey, 'RS256')];
}

function publishable(key, alg) {
  return { ...key.export({ format: 'jwk' }), alg, use: 'sig', kid: `${alg}-${crypto.randomUUID()}` };
}

/** A provider with today's keys. What it stores is the process's, so one follows the other without losing anything. */
function newProvider() {
  const next = new Provider(issuer, {
    adapter: Store,
    jwks: { keys },
    findAccount: (_ctx, sub) => (PEOPLE[sub] ? { accountId: sub, claims: () => ({ sub, ...PEOPLE[sub] }) } : undefined),
    claims: { openid: ['sub', 'roles', 'tenant'], profile: ['name'], email: ['email'] },
    cookies: { keys: ['only for tests'] },
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256', 'RS256'],
      clientAuthSigningAlgValues: ['ES256', 'PS256', 'Ed25519'],
    },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true, initialAccessToken: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      revocation: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: resourceServer },
    },
    extraTokenClaims: (_ctx, token) => ({ roles: PEOPLE[token.accountId]?.roles ?? [] }),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    loadExistingGrant: grantAsked,
    pkce: { required: () => true },
    renderError: (ctx, out) => {
      ctx.type = 'text';
      ctx.body = JSON.stringify(out);
    },
    rotateRefreshToken: true,
    routes: { revocation: '/revocation' },
    ttl: { AccessToken: 300, IdToken: 300, Grant: 86_400, Session: 86_400, RefreshToken: 86_400, Interaction: 600 },
    // Its own dispatcher lets nothing out to loopback, where the tests' hosts are; its own signal gives a host 2.5
    // seconds to take a logout, which on a busy machine may be too few.
    fetch: (url, { dispatcher: _, signal: __, ...options }) =>
      globalThis.fetch(url, { ...options, signal: AbortSignal.timeout(30_000) }),
  });
  next.on('server_error', (_ctx, error) => console.error(error));
  next.on('backchannel.error', (_ctx, error) => console.error(error));
  return next;
}

function resourceServer(_ctx, resource) {
  if (!resource.startsWith(values.resources)) {
    throw new Error(`unknown resource ${resource}`);
  }
  const sign = { alg: 'ES256' };
  return { scope: RESOURCE_SCOPE, audience: resource, accessTokenTTL: 120, accessTokenFormat: 'jwt', jwt: { sign } };
}

/** Everybody consents to what our own client asks for. */
async function grantAsked(ctx) {
  const { client, session, resourceServers } = ctx.oidc;
  const known = session.grantIdFor(client.clientId);
  const grant = known
    ? await ctx.oidc.provider.Grant.find(known)
    : new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(SCOPES);
  for (const resource of Object.keys(resourceServers ?? {})) {
    grant.addResourceScope(resource, RESOURCE_SCOPE);
  }
  await grant.save();
  return grant;
}

/** The page on which somebody says who they are. */
async function interaction(request, response) {
  if (request.method === 'POST') {
    const sub = new URLSearchParams(await bodyOf(request)).get('sub');
    await provider.interactionFinished(request, response, { login: { accountId: sub, remember: true } });
    return;
  }
  const buttons = Object.entries(PEOPLE).map(([sub, { name }]) => `<button name="sub" value="${sub}">${name}</button>`);
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><html lang="en"><title>Sign in</title><h1>Who are you?</h1>
    <form method="post">${buttons.join('')}</form></html>`);
}

async function changeKeys(request, response) {
  const { keep } = JSON.parse((await bodyOf(request)) || '{}');
  keys = keep ? [...newKeys(), ...keys] : newKeys();
  provider = newProvider();
  response.end();
}

async function bodyOf(request) {
  let body = '';
  for await (const chunk of request) {
    body += chunk;
  }
  return body;
}

const own = {
  '/_test/keys': changeKeys,
  '/_test/counts': async (_request, response) => response.end(JSON.stringify(counts)),
};

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, issuer);
  counts[pathname] = (counts[pathname] ?? 0) + 1;
  try {
    if (own[pathname]) {
      await own[pathname](request, response);
    } else if (pathname.startsWith('/interaction/')) {
      await interaction(request, response);
    } else {
      await provider.callback()(request, response);
    }
  } catch (error) {
    console.error(error);
    response.statusCode = 500;
    response.end(String(error));
  }
});

server.listen(port, '127.0.0.1', () => console.log('ready'));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
