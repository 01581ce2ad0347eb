/** What the page says, and which of the platform's elements stand where. */

/** One part of the page: a heading, a sentence, and the element that does the work. */
export interface Section {
  readonly id: string;
  readonly heading: string;
  readonly text: string;
  readonly element: 'portico-queue' | 'portico-inbox' | 'portico-push';
}

export interface Contents {
  readonly title: string;
  readonly lead: string;
  readonly sections: readonly Section[];
  /** Whether there is a person to show anything of. */
  readonly signedIn: boolean;
}

const TITLE = 'Waiting and messages';

const SECTIONS: readonly Section[] = [
  {
    id: 'waiting',
    heading: 'Waiting to be sent',
    text: 'What you did is saved on this device until the server has confirmed it. It is sent by itself; nothing is sent twice.',
    element: 'portico-queue',
  },
  {
    id: 'messages',
    heading: 'Messages',
    text: 'What happened to your things, newest first. Messages are kept for 30 days.',
    element: 'portico-inbox',
  },
  {
    id: 'notifications',
    heading: 'Notifications on this device',
    text: 'Be told when something happens, also while this page is closed. You can turn it off here again at any time.',
    element: 'portico-push',
  },
];

/** The page for a person, or for nobody: what is kept here is shown to nobody but who saved it. */
export function contents(signedIn: boolean): Contents {
  if (signedIn) return { title: TITLE, lead: '', sections: SECTIONS, signedIn };
  return {
    title: TITLE,
    lead: 'Sign in to see what you have waiting on this device, and what came for you. What you saved here stays yours: nobody else who signs in on this device can see or send it.',
    sections: [],
    signedIn,
  };
}
