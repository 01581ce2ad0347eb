import { type Mounted, mountApp, problem, type World } from '@portico/sdk/testing';
import { afterEach, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import manifest from '../app.json';
import * as kitchen from '../src/index.tsx';
import type { Task } from '../src/model.ts';
import { taskOf } from './fake-api.ts';

const queue = (...tasks: Task[]) => ({ queue: tasks, done: [] });
const WORLD: World = {
  manifest: manifest as NonNullable<World['manifest']>,
  user: { sub: 'mario', name: 'Mario', roles: ['cook'] },
  path: '/kitchen',
};

let app: Mounted | undefined;

afterEach(async () => {
  await app?.unmount();
  app = undefined;
  document.documentElement.lang = 'en';
});

// First: the app remembers its queue, and shows that rather than what went wrong.
it('says that it could not be fetched, and tries again', async () => {
  let down = true;
  const graphql = { Queue: () => (down ? problem(503, 'unavailable') : { work: queue() }) };
  app = await mountApp(kitchen, { ...WORLD, graphql });
  await expect.element(page.getByRole('alert')).toHaveTextContent('The queue could not be fetched.');
  // Not before: what is read again by itself, as the outbox is heard of, would be enough to bring it back.
  const bringBack = () => {
    down = false;
  };
  document.addEventListener('click', bringBack, { capture: true, once: true });
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect.element(page.getByText('Nothing to cook just now')).toBeVisible();
});

it('shows what is to be cooked, and takes the next step of an order', async () => {
  let known = taskOf('a');
  const accept = () => {
    known = taskOf('a', 'ACCEPTED', 2);
    return { accept: known };
  };
  app = await mountApp(kitchen, { ...WORLD, graphql: { Queue: () => ({ work: queue(known) }), Accept: accept } });
  await page.getByRole('button', { name: 'Accept: the order for Customer of a' }).click();
  await expect.element(page.getByRole('button', { name: 'Ready: the order for Customer of a' })).toBeVisible();
  // The screen says so before the server has heard of it.
  const sending = () => app?.received.filter(({ body }) => /mutation Accept/.test(JSON.stringify(body))) ?? [];
  await expect.poll(sending).toHaveLength(1);
  const sent = sending();
  expect(sent.map(({ body }) => (body as { variables: unknown }).variables)).toEqual([{ id: 'a', version: 1 }]);
  expect(sent[0]?.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
});

it('reads the queue again when it changed at the server, and says who ordered', async () => {
  let tasks = [taskOf('a')];
  app = await mountApp(kitchen, { ...WORLD, graphql: { Queue: () => ({ work: queue(...tasks) }) } });
  await expect.element(page.getByRole('article', { name: 'Customer of a' })).toBeVisible();
  tasks = [...tasks, taskOf('b')];
  app.live('kitchen.queue-changed');
  await expect.element(page.getByRole('article', { name: 'Customer of b' })).toBeVisible();
  await expect.element(page.getByText('A new order for Customer of b.')).toBeInTheDocument();
});

it('rejects an order for a reason that the cook chooses', async () => {
  let known = [taskOf('a')];
  const reject = () => {
    known = [];
    return { reject: taskOf('a', 'REJECTED', 2) };
  };
  app = await mountApp(kitchen, { ...WORLD, graphql: { Queue: () => ({ work: queue(...known) }), Reject: reject } });
  await page.getByRole('button', { name: 'Reject …: the order for Customer of a' }).click();
  await expect.element(page.getByRole('radio', { name: 'Something is sold out' })).toHaveFocus();
  await page.getByText('The kitchen is closing').click();
  await page.getByRole('button', { name: 'Reject the order' }).click();
  await expect.element(page.getByText('Nothing to cook just now')).toBeVisible();
  const sent = () => app?.received.filter(({ body }) => /mutation Reject/.test(JSON.stringify(body))) ?? [];
  await expect.poll(sent).toHaveLength(1);
  const variables = sent().map(({ body }) => (body as { variables: unknown }).variables);
  expect(variables).toEqual([{ id: 'a', version: 1, reason: 'CLOSING' }]);
});

it('speaks the page’s language', async () => {
  document.documentElement.lang = 'ar';
  app = await mountApp(kitchen, { ...WORLD, graphql: { Queue: { work: queue(taskOf('a')) } } });
  await expect.element(page.getByRole('heading', { level: 1, name: 'المطبخ' })).toBeVisible();
  await expect.element(page.getByText('حصتان')).toBeVisible();
});
