import type { ReactNode } from 'react';
import type { Address, Order } from '../model.ts';
import { t } from '../say.ts';
import { Amount, Plain, Sums } from './parts.tsx';
import { Pending, Status } from './status.tsx';

/** What was ordered, where it goes and how far it is; `pending`: how things stand while the server has no such order. */
export function OrderDetails({ order, pending }: { order: Order; pending?: string }): ReactNode {
  const { id } = order;
  return (
    <div className="p-card co-details">
      <div className="co-details__head">
        <h2>{t('ordered')}</h2>
        {pending ? <Pending words={pending} /> : <Status of={order.status} />}
      </div>
      {order.reason && (
        <p className="p-notice" role="status">
          {t(`why${order.reason}`)}
        </p>
      )}
      <Plain className="co-details__lines">
        {order.lines.map((line) => (
          <li key={line.dishId}>
            <span className="co-times">{line.quantity} ×</span>
            <span>{line.name}</span>
            <Amount of={line.total} />
          </li>
        ))}
      </Plain>
      <Sums subtotal={order.subtotal} delivery={order.delivery} total={order.total} />
      <Where address={order.address} note={order.note} />
      <p className="co-muted co-details__id">{t('orderNumber', { id })}</p>
      {!pending && <a href={`/track/${encodeURIComponent(id)}`}>{t('whereNow')}</a>}
    </div>
  );
}

export function Where({ address, note }: { address: Address; note: string }): ReactNode {
  return (
    <div className="co-details__where">
      <h2>{t('address')}</h2>
      <address>
        <bdi>{address.name}</bdi>
        <br />
        <bdi>{address.street}</bdi>
        <br />
        <bdi>
          {address.postalCode} {address.city}
        </bdi>
      </address>
      {note && <blockquote className="co-muted">{note}</blockquote>}
    </div>
  );
}
