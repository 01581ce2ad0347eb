/**
 * `@platform/audit`: who did what to which entity, when, and whether they were allowed.
 *
 * Every service keeps an audit of its own, and the host one of sign-ins. This page asks them all for what the person may
 * read, and lays the answers together by time. For auditors alone: the servers see to that, not this page.
 */
import { defineApp } from '@portico/sdk';
import './audit.css';
import { page } from './page.ts';
import { load } from './say.ts';
import { SdkAudits } from './sdk-audits.ts';

export const { bootstrap, mount, unmount } = defineApp({
  bootstrap: load,
  mount: ({ domElement, portico }) => domElement.append(page(new SdkAudits(), portico.signal)),
});
