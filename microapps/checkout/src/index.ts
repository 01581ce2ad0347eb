/** The entry of `@ordering/checkout`: single-spa's life cycle, through single-spa-react. */
import './checkout.css';
import { lifecycles } from './lifecycles.tsx';

export const { bootstrap, mount, unmount, update } = lifecycles();
