import type { en } from './en.ts';

/** What the bar says, in Arabic. */
export const ar: Record<keyof typeof en, string> = {
  main: 'الرئيسية',
  signIn: 'تسجيل الدخول',
  signOut: 'تسجيل الخروج',
  signedInAs: 'مسجّل الدخول باسم',
  waiting: 'قيد الانتظار والرسائل',
};
