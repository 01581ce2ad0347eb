/** The platform's elements, for JSX. */
import 'react';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'portico-as-of': { readonly class?: string; readonly app: string };
    }
  }
}
