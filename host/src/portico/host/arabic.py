"""What the shell and the runtime say, in Arabic."""

from __future__ import annotations

from types import MappingProxyType

ARABIC = MappingProxyType(
    {
        "Skip to content": "انتقل إلى المحتوى",
        "This site needs JavaScript. Please switch it on.": "يحتاج هذا الموقع إلى JavaScript. يرجى تفعيله.",
        "Sign in to open this page": "سجّل الدخول لفتح هذه الصفحة",
        "It holds things that belong to a person. After signing in you come straight back here.": (
            "تحتوي على أشياء تخص شخصًا بعينه. بعد تسجيل الدخول تعود مباشرة إلى هنا."
        ),
        "Sign in": "تسجيل الدخول",
        "This page is not open to you": "هذه الصفحة غير متاحة لك",
        "You are signed in, but your roles do not include it. If they should, ask whoever runs this site.": (
            "أنت مسجّل الدخول، لكن أدوارك لا تشملها. إن كان ينبغي ذلك، فاسأل من يدير هذا الموقع."
        ),
        "Back to the start": "العودة إلى البداية",
        "There is no page here": "لا توجد صفحة هنا",
        "The address may be misspelt, or the page has moved or was retired.": (
            "قد يكون العنوان مكتوبًا خطأً، أو نُقلت الصفحة أو أُزيلت."
        ),
        "This page is not kept on this device": "هذه الصفحة غير محفوظة على هذا الجهاز",
        "It cannot be reached just now. Once there is a connection again, it opens as usual.": (
            "لا يمكن الوصول إليها الآن. ستُفتح كالمعتاد عند عودة الاتصال."
        ),
        "Try again": "حاول مرة أخرى",
    }
)

RUNTIME = MappingProxyType(
    {
        "{what} could not be opened": "تعذّر فتح {what}",
        "This part of the page": "هذا الجزء من الصفحة",
        "It took too long to answer.": "استغرق الرد وقتًا طويلًا.",
        "Something went wrong while it was being opened.": "حدث خطأ أثناء فتحه.",
        "The rest of the page still works.": "ما زال باقي الصفحة يعمل.",
        "Try again": "حاول مرة أخرى",
        "Reload the page": "أعد تحميل الصفحة",
        "There is a newer version of what you see. Reload when you like.": (
            "يوجد إصدار أحدث مما تراه. أعد التحميل متى شئت."
        ),
        "Reload": "إعادة التحميل",
        "Sign in": "تسجيل الدخول",
        "Sign in again": "سجّل الدخول مرة أخرى",
        "You have been signed out.": "انتهت جلسة دخولك.",
        "You need to sign in for this.": "يلزمك تسجيل الدخول لهذا.",
    }
)
"""What the runtime says; it goes with the page, so that it can be said when nothing can be fetched."""

PLAIN = MappingProxyType(
    {
        "This sign-in is no longer valid": "لم يعد تسجيل الدخول هذا صالحًا",
        "It took too long, was already used, or began in another browser.": (
            "استغرق وقتًا طويلًا، أو استُخدم من قبل، أو بدأ في متصفح آخر."
        ),
        "You were not signed in": "لم يتم تسجيل دخولك",
        "The sign-in was cancelled or not allowed.": "أُلغي تسجيل الدخول أو لم يُسمح به.",
        "Signing in is not possible right now": "تسجيل الدخول غير ممكن الآن",
        "The sign-in service does not answer. Try again in a moment.": (
            "خدمة تسجيل الدخول لا ترد. حاول مرة أخرى بعد قليل."
        ),
        "Try again in a moment.": "حاول مرة أخرى بعد قليل.",
        "The sign-in service gave an answer that could not be trusted.": "ردّت خدمة تسجيل الدخول بما لا يمكن الوثوق به.",
        "Something went wrong on our side.": "حدث خطأ من جانبنا.",
        "You are still signed in": "ما زلت مسجّل الدخول",
        "Signing out is not possible right now. Go back and try again in a moment.": (
            "تسجيل الخروج غير ممكن الآن. عُد وحاول مرة أخرى بعد قليل."
        ),
        "Go to the start page": "إلى صفحة البداية",
        "Nothing was changed": "لم يتغير شيء",
        "This request did not come from a page of this site.": "لم يأتِ هذا الطلب من صفحة في هذا الموقع.",
        "Continue": "متابعة",
        "You are signed in": "تم تسجيل دخولك",
        "You are signed out": "تم تسجيل خروجك",
        "Where you are signed in": "أين سجّلت الدخول",
        "Signed in as %s. If you do not know a browser in this list, sign it out.": (
            "مسجّل الدخول باسم %s. إن لم تعرف متصفحًا في هذه القائمة، فسجّل خروجه."
        ),
        "Last used": "آخر استخدام",
        "Signed in": "تسجيل الدخول",
        "this browser": "هذا المتصفح",
        "%s, last used %s": "%s، آخر استخدام %s",
        "Sign out": "تسجيل الخروج",
        "Sign out everywhere else": "تسجيل الخروج من كل مكان آخر",
        "You are signed in nowhere else.": "لست مسجّل الدخول في أي مكان آخر.",
        "Sign out here": "تسجيل الخروج هنا",
        "Unknown browser": "متصفح غير معروف",
    }
)
"""What the pages outside the shell say: on the way in and out, and where one is signed in."""
