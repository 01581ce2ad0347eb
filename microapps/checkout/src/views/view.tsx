import type { ReactNode } from 'react';

export interface ViewProps {
  readonly title: string;
  /** Above the heading: the way back. */
  readonly lead?: ReactNode;
  /** Below the heading. */
  readonly sub?: ReactNode;
  /** A picture makes it a view of nothing: centred, with the words in `sub` and one way on in `children`. */
  readonly art?: ReactNode;
  /** How fresh the page is. */
  readonly fresh?: ReactNode;
  readonly narrow?: boolean;
  readonly children?: ReactNode;
}

/** The frame of every page. The heading is the same element in every state of a page, so that focus on it stays. */
export function View({ title, lead, sub, art, fresh, narrow = false, children }: ViewProps): ReactNode {
  const kind = art ? 'co-page--nothing' : narrow ? 'co-page--narrow' : '';
  return (
    <div className={`co-page ${kind}`}>
      <header className="co-head">
        {lead && <p className="co-head__lead">{lead}</p>}
        <h1 tabIndex={-1}>{title}</h1>
        {sub && <p className="co-muted">{sub}</p>}
        {fresh}
      </header>
      {art && (
        <div className="co-art" aria-hidden="true">
          {art}
        </div>
      )}
      {children}
    </div>
  );
}

/** Moves focus to the view's heading: what had it is about to go. */
export function focusHeading(from: Element): void {
  from.closest('.co-page')?.querySelector('h1')?.focus();
}
