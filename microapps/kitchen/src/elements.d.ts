/** The platform's elements, for JSX. */
import 'preact';

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'portico-as-of': HTMLAttributes<HTMLElement> & { app: string };
    }
  }
}
