/** Every sentence that a person reads of what is kept on the device, in Arabic. */

import { timeOf } from '../time-of.ts';
import type { Words } from './en.ts';

const rules = new Intl.PluralRules('ar');
const number = new Intl.NumberFormat('ar');

/** Words for a count: for one, for two, for a few, for many, and for hundreds. */
function counted(count: number, one: string, two: string, few: string, many: string, other: string): string {
  const words: Partial<Record<Intl.LDMLPluralRule, string>> = { few, many };
  const rule = rules.select(count);
  return rule === 'one' ? one : rule === 'two' ? two : `${number.format(count)} ${words[rule] ?? other}`;
}

const changes = (count: number): string => counted(count, 'تغيير واحد', 'تغييران', 'تغييرات', 'تغييرًا', 'تغيير');
const messages = (count: number): string => counted(count, 'رسالة واحدة', 'رسالتان', 'رسائل', 'رسالة', 'رسالة');

export const ar: Words = {
  LINE: {
    offline: (pending) =>
      pending
        ? `لا يوجد اتصال. محفوظ وينتظر الإرسال: ${changes(pending)}.`
        : 'لا يوجد اتصال. ما تفعله يُحفظ هنا ويُرسل لاحقًا.',
    offlineOnly: 'لا يوجد اتصال. قد يكون ما تراه قديمًا.',
    pending: (pending) => `محفوظ وينتظر الإرسال: ${changes(pending)}`,
    sent: 'أُرسل كل شيء',
    attention: (count) => `يحتاج إلى انتباهك: ${changes(count)}`,
    paused: (pending) => (pending ? `محفوظ: ${changes(pending)}. سجّل الدخول للإرسال.` : 'انتهت جلسة دخولك.'),
    unsent: 'شيء فُعل على هذا الجهاز ينتظر الإرسال.',
    asOf: (date) => `بيانات الساعة ${timeOf(date)}`,
    newVersion: 'يتوفر إصدار جديد',
    signIn: 'تسجيل الدخول',
    show: 'عرض',
    reload: 'إعادة التحميل',
  },
  STATE: {
    queued: 'ينتظر الإرسال',
    soon: 'تعذّر الإرسال بعد. ستُعاد المحاولة قريبًا.',
    later: (date) => `تعذّر الإرسال بعد. ستُعاد المحاولة الساعة ${timeOf(date)}.`,
    inflight: 'جارٍ الإرسال',
    paused: 'ينتظر تسجيل دخولك',
    conflict: 'غيّر شخص آخر هذا في هذه الأثناء. اختر ما يجب الاحتفاظ به.',
    failed: 'مرفوض',
    discarding: 'جارٍ الاستبعاد',
    unreadable: 'تغيير لم تعد قراءته ممكنة',
  },
  QUEUE: {
    label: 'ما ينتظر الإرسال',
    empty: 'لا شيء ينتظر. أُرسل كل ما فعلته.',
    inactive: 'عند تسجيل دخولك، يظهر هنا ما لم يمكن إرساله بعد.',
    unkept: 'لا يسمح هذا المتصفح للصفحة بحفظ شيء هنا، فما تفعله يُرسل فورًا أو لا يُرسل.',
    sendAll: 'أرسل الكل الآن',
    export: 'احفظ نسخة',
    retry: 'أرسل الآن',
    tryAgain: 'حاول مرة أخرى',
    more: (count) => `عرض ${number.format(count)} أخرى`,
    edit: 'تعديل',
    discard: 'استبعاد',
    confirmDiscard: (what) => `هل تستبعد «${what}»؟ لن يُرسل.`,
    keep: 'احتفظ به',
    save: 'احفظ وأرسل',
    cancel: 'إلغاء',
    savedAt: (date) => `حُفظ الساعة ${timeOf(date)}`,
    mine: 'احتفظ بما لدي',
    theirs: 'خذ ما لديهم',
    merge: 'احتفظ بما اخترته',
    yours: 'لديك',
    other: 'لديهم',
    nothing: 'فارغ',
    late: 'أُرسل في هذه الأثناء.',
    applied: 'كان قد نُفّذ، فلم يمكن التراجع عنه.',
    editing: (what) => `تعديل «${what}»`,
    file: (date) => `waiting-changes-${date.toISOString().slice(0, 10)}.json`,
  },
  INBOX: {
    label: 'الرسائل',
    empty: 'لا رسائل بعد.',
    unread: 'جديد',
    markRead: 'تحديد كمقروء',
    markAll: 'تحديد الكل كمقروء',
    badge: (count) => `غير مقروء: ${messages(count)}`,
  },
  TOAST: { label: 'رسائل جديدة', open: 'فتح', dismiss: 'إغلاق' },
  SIGN_OUT: {
    heading: (pending) => `لم يُرسل بعد: ${changes(pending)}`,
    text: 'إذا سجّلت الخروج الآن، فماذا يحدث لما هو محفوظ على هذا الجهاز؟',
    send: 'أرسل الآن ثم سجّل الخروج',
    sending: 'جارٍ الإرسال …',
    notSent: (pending) => `تعذّر إرسال: ${changes(pending)}. اختر ما يجب أن يحدث.`,
    keep: 'احتفظ به إلى دخولي التالي على هذا الجهاز',
    export: 'احفظ نسخة في ملف',
    exported: 'حُفظت نسخة. وما زال محفوظًا هنا أيضًا.',
    discard: 'استبعد وسجّل الخروج',
    cancel: 'ابقَ مسجّل الدخول',
    offline: 'لا يوجد اتصال',
    offlineText: 'يحتاج تسجيل الخروج إلى اتصال: بدونه تبقى مسجّل الدخول. لم يُحذف شيء.',
    again: 'حاول مرة أخرى',
  },
  PUSH: {
    label: 'رسائل عندما يكون هذا الموقع مغلقًا',
    unsupported: 'لا يستطيع هذا المتصفح عرض رسائل والموقع مغلق.',
    denied: 'حظرت رسائل هذا الموقع في إعدادات المتصفح.',
    failed: 'لم ينجح ذلك. حاول لاحقًا.',
  },
  NOT_KEPT: {
    title: 'لم يُحفظ',
    detail: 'لم يرد الخادم، ولا يسمح هذا المتصفح للصفحة بحفظ شيء. ربما وصل وربما لم يصل؛ حاول مرة أخرى.',
  },
  NO_ROOM: {
    title: 'لم يُحفظ',
    detail: 'لا مساحة باقية على هذا الجهاز، وتغييرات سابقة ما زالت تنتظر الإرسال. حاول مرة أخرى بعد إرسالها.',
  },
  NO_ANSWER: { title: 'لا يوجد اتصال', detail: 'لم يرد الخادم.' },
  NO_RECEIPT: { title: 'لا يوجد اتصال', detail: 'ردّ شيء بين هذا الجهاز والخادم بدلًا منه.' },
  NO_WORDS: { title: (status) => `ردّ الخادم بالرمز ${number.format(status)}` },
  DISCARDED: { title: 'مستبعد', detail: 'استُبعد قبل إرساله.' },
};
