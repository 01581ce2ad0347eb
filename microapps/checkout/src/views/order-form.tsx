import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { stuckOf } from '../kept.ts';
import { MAX_LENGTH, MAX_NOTE } from '../limits.ts';
import type { Basket } from '../model.ts';
import type { Draft } from '../order-store.ts';
import { t } from '../say.ts';
import { useObserved, useSession } from '../session.ts';

/** Where the order goes. Submitted by the panel's button, which may stand elsewhere on the page. */
export function OrderForm({ id, basket }: { id: string; basket: Basket }): ReactNode {
  const { order: store, basket: baskets, kept, goTo } = useSession();
  const form = useRef<HTMLFormElement>(null);
  const [refused, setRefused] = useState(0);

  // Once for each refused attempt: while the person mends the fields, the focus is theirs.
  useEffect(() => {
    if (refused) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [refused]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (baskets.snapshot().waiting > 0 || stuckOf(kept.snapshot())) return;
    const placed = await store.place(basket);
    if (placed) {
      baskets.emptied();
      goTo(`/orders/${encodeURIComponent(placed.order.id)}`);
      return;
    }
    setRefused((count) => count + 1);
    if (store.snapshot().refusal?.outcome === 'refused') void baskets.load();
  };

  return (
    <form id={id} ref={form} className="p-card co-form" onSubmit={submit} aria-labelledby="co-form-title" noValidate>
      <h2 id="co-form-title">{t('formTitle')}</h2>
      <Field name="name" autoComplete="name" />
      <Field name="street" autoComplete="street-address" />
      <div className="co-form__pair">
        <Field name="postalCode" autoComplete="postal-code" />
        <Field name="city" autoComplete="address-level2" />
      </div>
      <Note />
    </form>
  );
}

function Field(props: { name: keyof typeof MAX_LENGTH; autoComplete: string }): ReactNode {
  const { value, fault, type } = useField(props.name);
  const id = `co-${props.name}`;
  return (
    <div className="p-field">
      <label htmlFor={id}>{t(props.name)}</label>
      <input
        id={id}
        className="p-input"
        name={props.name}
        value={value}
        maxLength={MAX_LENGTH[props.name]}
        autoComplete={props.autoComplete}
        required
        aria-invalid={fault !== undefined}
        aria-describedby={fault ? `${id}-fault` : undefined}
        onChange={(event) => type(event.target.value)}
      />
      <Fault id={`${id}-fault`} text={fault} />
    </div>
  );
}

function Note(): ReactNode {
  const { value, fault, type } = useField('note');
  return (
    <div className="p-field">
      <label htmlFor="co-note">
        {t('note')} <span className="co-muted">{t('optional')}</span>
      </label>
      <textarea
        id="co-note"
        className="p-input"
        name="note"
        rows={2}
        value={value}
        maxLength={MAX_NOTE}
        aria-invalid={fault !== undefined}
        aria-describedby={fault ? 'co-note-fault' : undefined}
        onChange={(event) => type(event.target.value)}
      />
      <Fault id="co-note-fault" text={fault} />
    </div>
  );
}

function Fault({ id, text }: { id: string; text: string | undefined }): ReactNode {
  return text ? (
    <p id={id} className="co-fault">
      {text}
    </p>
  ) : null;
}

function useField(name: keyof Draft): { value: string; fault: string | undefined; type: (value: string) => void } {
  const { order } = useSession();
  const { draft, refusal } = useObserved(order);
  return { value: draft[name], fault: refusal?.fields[name], type: (value) => order.type(name, value) };
}
