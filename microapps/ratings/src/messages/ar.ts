import type { en } from './en.ts';

/** What ratings say, in Arabic. */
export const ar: Record<keyof typeof en, string> = {
  reviews: 'ماذا يقول الناس',
  restaurant: 'إلى المطعم',
  standing:
    '{stars} من 5، من {count, plural, zero {لا تقييمات} one {تقييم واحد} two {تقييمين} few {# تقييمات} many {# تقييمًا} other {# تقييم}}',
  nobody: 'لم يقيّم أحد هذا المطعم بعد.',
  older: 'عرض الأقدم',
  notFetched: 'تعذّر جلب الآراء.',
  noConnection: 'لا يوجد اتصال، ولا نسخة محفوظة على هذا الجهاز.',
  signedOut: 'انتهت جلسة دخولك.',
  ourMistake: 'الخطأ من جانبنا.',
  signIn: 'تسجيل الدخول',
  tryAgain: 'حاول مرة أخرى',
  starsOf: '{stars} من 5 نجوم',
  somebody: 'أحدهم',
  rate: 'كيف كان؟',
  stars: 'النجوم',
  words: 'هل لديك ما تقوله؟ (اختياري)',
  send: 'إرسال التقييم',
  rated: 'تقييمك',
  thanks: 'شكرًا على تقييمك.',
  waiting: 'محفوظ على هذا الجهاز. يُرسل حالما يتوفر اتصال.',
  choose: 'اختر من نجمة إلى خمس نجوم.',
  wentWrong: 'حدث خطأ من جانبنا. حاول مرة أخرى.',
  describe: 'تقييم طلبك من {restaurant}',
};
