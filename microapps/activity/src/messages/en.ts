/** What the page says, in English. */
export const en = {
  title: 'Waiting and messages',
  lead: 'Sign in to see what you have waiting on this device, and what came for you. What you saved here stays yours: nobody else who signs in on this device can see or send it.',
  signIn: 'Sign in',
  sessions: 'Where you are signed in',
  waiting: 'Waiting to be sent',
  waitingText:
    'What you did is saved on this device until the server has confirmed it. It is sent by itself; nothing is sent twice.',
  messages: 'Messages',
  messagesText: 'What happened to your things, newest first. Messages are kept for 30 days.',
  notifications: 'Notifications on this device',
  notificationsText:
    'Be told when something happens, also while this page is closed. You can turn it off here again at any time.',
} as const;
