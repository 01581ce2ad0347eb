// Made by `portico types` from app.json and what it names; do not edit.
// biome-ignore-all lint: generated
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
/* eslint-disable */

import type { BasketAdd1 as TakenBasketAdd1 } from './consumes/basket.add-1.ts';

declare global {
  /** What this app may publish. */
  interface PorticoPublishes {

  }
  /** What this app takes. */
  interface PorticoConsumes {
    "basket.add/1": TakenBasketAdd1;
  }
}

export {};
