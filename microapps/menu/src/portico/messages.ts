// Made by `portico types` from app.json and what it names; do not edit.
// biome-ignore-all lint: generated
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
/* eslint-disable */

import type { BasketAdd1 as SentBasketAdd1 } from './publishes/basket.add-1.ts';

declare global {
  /** What this app may publish. */
  interface PorticoPublishes {
    "basket.add/1": SentBasketAdd1;
  }
  /** What this app takes. */
  interface PorticoConsumes {

  }
}

export {};
