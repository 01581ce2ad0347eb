/** Small pieces that every view of tracking uses. */
import { NetworkError, ProblemError, SignedOutError, signIn } from '@portico/sdk';
import { type FunctionalComponent, h, type VNode, type VNodeChild } from 'vue';
import { type DeliveryStatus, isOver } from '../model.ts';
import { t } from '../say.ts';

/** What a person reads of how far an order is. */
export const Status: FunctionalComponent<{ of: DeliveryStatus }> = ({ of }) =>
  h(
    'span',
    { class: 'tracking-status', 'data-status': of, 'data-over': isOver(of) ? '' : undefined },
    t(`status${of}`),
  );

/** The heading is the same element in every state of a view, so that focus on it stays. */
export function head(title: string, sub: VNodeChild = null, lead: VNodeChild = null): VNode {
  return h('header', { class: 'tracking-head' }, [
    lead ? h('p', { class: 'tracking-head__lead' }, [lead]) : null,
    h('h1', { tabindex: -1 }, title),
    h('p', { class: 'tracking-head__sub' }, [sub, h('portico-as-of', { app: 'tracking' })]),
  ]);
}

/** A page of nothing: words and one way on. */
export function nothing(title: string, text: string, way: VNode): VNode {
  return h('section', { class: 'p-page' }, [h('h1', { tabindex: -1 }, title), h('p', text), way]);
}

/** Grey boxes where content will be; the words are for those who do not see them. */
export const Bones: FunctionalComponent<{ count: number; label: string }> = ({ count, label }) =>
  h('div', { role: 'status' }, [
    h('span', { class: 'p-visually-hidden' }, label),
    h(
      'div',
      { class: 'tracking-bones', 'aria-hidden': 'true' },
      Array.from({ length: count }, (_, index) => h('div', { key: index, class: 'p-skeleton tracking-bone' })),
    ),
  ]);

/** Says what went wrong at once (role alert), and offers what helps. */
export const Trouble: FunctionalComponent<{ failure: unknown; retry: () => void }> = ({ failure, retry }) => {
  const signedOut = failure instanceof SignedOutError;
  const go = signedOut ? () => signIn() : retry;
  return h('div', { class: 'p-notice tracking-trouble', 'data-kind': 'danger', role: 'alert' }, [
    h('p', [h('strong', t('notFetched')), ` ${reason(failure)}`]),
    h(
      'button',
      { type: 'button', class: 'p-button p-button--quiet', onClick: go },
      t(signedOut ? 'signIn' : 'tryAgain'),
    ),
  ]);
};

function reason(failure: unknown): string {
  if (failure instanceof SignedOutError) return t('signedOut');
  const offline = failure instanceof ProblemError && failure.code === 'offline';
  if (failure instanceof NetworkError || offline) return t('noConnection');
  return t('ourMistake');
}
