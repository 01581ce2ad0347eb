import type { en } from './en.ts';

/** What the archive says, in Arabic. */
export const ar: Record<keyof typeof en, string> = {
  title: 'الإيصالات',
  lead: 'مستندات الطلبات المنتهية. تُحفظ لسنوات.',
  leadAll: 'مستندات طلبات الجميع المنتهية.',
  order: 'الطلب',
  placed: 'تاريخ الطلب',
  total: 'المجموع',
  document: 'المستند',
  customer: 'العميل',
  completed: 'وصل',
  cancelled: 'أُلغي',
  download: 'تنزيل',
  downloadOf: 'تنزيل إيصال {restaurant}، {day}',
  making: 'قيد الإعداد',
  more: 'عرض إيصالات أقدم',
  nothing: 'لا إيصالات بعد',
  nothingText: 'عندما ينتهي طلب لك، تجد إيصاله هنا.',
  fetching: 'جارٍ جلب الإيصالات',
  notFetched: 'تعذّر جلب الإيصالات.',
  notHad: 'تعذّر جلب المستند. حاول مرة أخرى.',
  noConnection: 'لا يوجد اتصال الآن.',
  signedOut: 'انتهت جلسة دخولك.',
  ourMistake: 'الخطأ من جانبنا.',
  signIn: 'تسجيل الدخول',
  tryAgain: 'حاول مرة أخرى',
};
