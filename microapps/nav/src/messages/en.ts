/** What the bar says, in English. */
export const en = {
  main: 'Main',
  signIn: 'Sign in',
  signOut: 'Sign out',
  signedInAs: 'Signed in as',
  waiting: 'waiting and messages',
} as const;
