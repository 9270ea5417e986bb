"""Words of the frame around every page, the home page, and the pages about the portal itself."""

WORDS: dict[str, tuple[str, str]] = {
    "portal.name": ("航港單一窗口服務平臺", "Maritime Single Window"),
    "portal.short": ("MTNet 航港單一窗口服務平臺", "MTNet Maritime Single Window"),
    "portal.lead": (
        "航商、港埠機關與個人，由此申請帳號、查詢審核進度，辦理航港業務。",
        "Apply for an account, check the progress of your case and use Taiwan's maritime services in one place.",
    ),
    "skip": ("跳到主要內容", "Skip to main content"),
    "language.other": ("English", "中文"),
    "menu": ("主選單", "Main menu"),
    "menu.home": ("首頁", "Home"),
    "menu.apply": ("帳號申請", "Apply for an account"),
    "menu.case": ("查詢目前審核進度", "Check case progress"),
    "menu.faq": ("常見問題", "FAQ"),
    "menu.services": ("服務項目", "Services"),
    "menu.news": ("最新消息", "News"),
    "menu.announcements": ("公告事項", "Announcements"),
    "menu.affairs": ("航政服務專區", "Maritime services"),
    "menu.login": ("登入", "Log in"),
    "menu.logout": ("登出", "Log out"),
    "menu.account": ("我的帳號", "My account"),
    "menu.review": ("帳號申請審查", "Review applications"),
    "menu.sitemap": ("網站導覽", "Site map"),
    "menu.contact": ("聯絡我們", "Contact us"),
    "size.label": ("字級大小", "Text size"),
    "size.s": ("小", "Small"),
    "size.m": ("中", "Medium"),
    "size.l": ("大", "Large"),
    "key.top": ("上方選單區", "Menu at the top"),
    "key.main": ("中央內容區", "Main content"),
    "key.foot": ("下方頁尾區", "Footer"),
    "back": ("上一頁", "Back"),
    "continue": ("繼續", "Continue"),
    "change": ("變更", "Change"),
    "not_given": ("（未填）", "(not given)"),
    "optional": ("（選填）", "(optional)"),
    "required": ("（必填）", "(required)"),
    "help.heading": ("需要協助嗎？", "Do you need help?"),
    "help.hours": ("24 小時全年無休", "Open 24 hours, every day"),
    "help.phone": ("客服專線 0800-022-120（免付費）", "Helpdesk 0800-022-120 (free of charge)"),
    "help.mail": ("信箱 service@mtnet.gov.tw", "E-mail service@mtnet.gov.tw"),
    "help.fax": ("傳真 02-8192-7019", "Fax 02-8192-7019"),
    "help.line": ("LINE ID @737qilqg", "LINE ID @737qilqg"),
    "foot.logged": (
        "為維護資訊安全，本系統會記錄使用者之 IP 位址與使用情形；個人資料依個人資料保護法處理。",
        "For security, this system records IP addresses and how it is used. Personal data is handled under the "
        "Personal Data Protection Act.",
    ),
    "foot.owner": ("MTNet 航港單一窗口服務平臺", "MTNet Maritime Single Window"),
    "foot.accessibility": ("無障礙聲明", "Accessibility statement"),
    "foot.privacy": ("個資告知書", "Privacy notice"),
    "foot.api": ("應用程式介面（API）", "API"),
    "session.left": ("剩餘時間", "Time left"),
    "session.extend": ("延長", "Extend"),
    "session.hours_minutes": ("{hours}小時{minutes}分鐘", "{hours} h {minutes} min"),
    "session.minutes": ("{minutes}分鐘", "{minutes} min"),
    "session.soon": (
        "您即將被自動登出。按「延長」即可繼續使用。",
        "You will soon be logged out automatically. Choose Extend to stay logged in.",
    ),
    "session.ending": (
        "您的登入時間即將用完，不能再延長。請先送出正在填寫的內容，再重新登入。",
        "Your session is about to end and cannot be extended. Send what you are writing, then log in again.",
    ),
    "session.not_extended": (
        "目前無法延長登入時間。您可以照常送出正在填寫的內容；需要時會請您重新登入，內容不會遺失。",
        "Your session cannot be extended right now. Send what you are writing as usual: if you have to log in "
        "again, it is kept.",
    ),
    "session.unknown": (
        "目前無法確認您的登入狀態，因此未顯示帳號資訊。請稍後再試；您不會因此被登出。",
        "We cannot tell just now whether you are logged in, so your account is not shown. "
        "Try again in a moment; you have not been logged out.",
    ),
    "session.welcome": ("{name}，您好", "Hello, {name}"),
    # Home
    "home.start": ("申請帳號", "Apply for an account"),
    "home.start_text": (
        "約 15 分鐘。請備妥身分證字號、行動電話與電子郵件；公司另需統一編號及印章。",
        "It takes about 15 minutes. Have your ID number, mobile phone and e-mail address ready; companies also "
        "need their company number and seals.",
    ),
    "home.case": ("查詢目前審核進度", "Check case progress"),
    "home.case_text": (
        "查看審核到哪一關；退件時可直接修改並重新送出，案件編號不變。",
        "See who has your case now. If it was returned, correct it and submit it again under the same number.",
    ),
    "home.login": ("登入", "Log in"),
    "home.login_text": (
        "以帳號及密碼登入，使用您的服務。",
        "Log in with your account name and password to use your services.",
    ),
    "home.welcome": ("歡迎，{name}", "Welcome, {name}"),
    "home.welcome_back": ("歡迎回來，{name}", "Welcome back, {name}"),
    "home.to_account": ("查看我的帳號", "See my account"),
    "home.no_systems": ("您的帳號尚未開通任何系統。", "Your account does not open any system yet."),
    "home.cases": ("此電腦上已開啟的案件", "Cases open on this computer"),
    "home.no_cases": (
        "此電腦上目前沒有已開啟的案件。以案件編號即可查詢。",
        "No case is open on this computer. You can look one up by its case number.",
    ),
    "home.cases_unavailable": (
        "目前無法顯示案件，其他服務不受影響。",
        "Cases cannot be shown right now. Everything else works.",
    ),
    "home.queue_unavailable": (
        "目前無法顯示件數，其他服務不受影響。",
        "The number of cases cannot be shown right now. Everything else works.",
    ),
    "home.announcements": ("公告事項", "Announcements"),
    "home.news": ("新聞訊息", "News"),
    "home.more": ("更多{what}", "All {what}"),
    "home.systems": ("服務系統", "Systems"),
    "home.unavailable": (
        "目前無法顯示公告，其他服務不受影響。",
        "Announcements and news cannot be shown right now. Everything else works.",
    ),
    "services.title": ("服務項目", "Services"),
    "services.shipping": ("航運業管理", "Shipping business"),
    "services.shipping_text": (
        "船舶運送業、船務代理業、海運承攬運送業等業者資料。",
        "Carriers, agents and forwarders.",
    ),
    "services.vessels": ("船舶管理", "Vessels"),
    "services.vessels_text": ("船舶登記、檢查、證書。", "Registration, surveys and certificates."),
    "services.people": ("海運暨人員管理", "Maritime personnel"),
    "services.people_text": ("船員、引水人、航海人員測驗。", "Seafarers, pilots and examinations."),
    "services.ports": ("船舶進出港管理", "Port calls"),
    "services.ports_text": ("進出港簽證與港區作業。", "Arrival and departure clearance, port operations."),
    "services.note": (
        "帳號核准後，登入即可看到您申請的系統。",
        "Once your account is approved, log in to see the systems you applied for.",
    ),
    "published.all": ("全部", "All"),
    "published.categories": ("依主題查看", "By topic"),
    "published.none": ("目前沒有資料。", "There is nothing here yet."),
    "published.date": ("發布時間", "Published"),
    "published.table": ("表格", "Table"),
    "published.pinned": ("置頂", "Pinned"),
    "published.older": ("較舊", "Older"),
    "published.newer": ("較新", "Newer"),
    "page.of": ("第 {page} 頁，共 {pages} 頁", "Page {page} of {pages}"),
    "sitemap.title": ("網站導覽", "Site map"),
    "sitemap.keys": ("快速鍵", "Access keys"),
    "sitemap.keys_text": (
        "本網站依無障礙原則設置快速鍵（:::）。Chrome、Edge 請按 Alt + 快速鍵；Firefox 請按 Shift + Alt + 快速鍵。",
        "This site has access keys (:::). Press Alt and the key in Chrome and Edge, "
        "Shift + Alt and the key in Firefox.",
    ),
    "sitemap.pages": ("網頁", "Pages"),
    "accessibility.title": ("無障礙聲明", "Accessibility statement"),
    "accessibility.text": (
        "本網站以 WCAG 2.2 AA 及我國網站無障礙規範 AA 為目標：不使用 JavaScript 亦可操作，可用鍵盤完成所有步驟，"
        "字級可調整，支援深色與高對比顯示。若您遇到困難，請撥客服專線，我們會以其他方式協助您。",
        "This site aims at WCAG 2.2 level AA and level AA of Taiwan's accessibility rules. It works without "
        "JavaScript and with a keyboard alone, the text size can be changed, and dark and high-contrast displays "
        "are supported. If something is hard to use, call the helpdesk and we will find another way.",
    ),
    "privacy.title": ("個資告知書", "Privacy notice"),
    "privacy.version": ("版本 {version}，{date} 起適用", "Version {version}, in force from {date}"),
    "contact.lead": (
        "客服 24 小時全年無休。請選擇最方便的方式。",
        "The helpdesk is open 24 hours, every day of the year. Choose the way that suits you.",
    ),
    "contact.phone": ("客服專線（免付費）", "Telephone (free of charge)"),
    "contact.mail": ("電子郵件", "E-mail"),
    "contact.fax": ("傳真", "Fax"),
    "contact.line": ("LINE ID", "LINE ID"),
    "contact.hours": ("服務時間", "Opening hours"),
    "contact.advice": (
        "詢問案件時請告知案件編號。客服不會向您索取密碼或驗證碼。",
        "When you ask about a case, give its number. The helpdesk never asks for your password or a code.",
    ),
    "affairs.mtnet": (
        "單一登入、帳號申請、審核進度與公告。",
        "Single sign-on, account applications, case progress and announcements.",
    ),
    "affairs.carriers": (
        "業者登記、許可與年度資料申報。",
        "Registration, licences and yearly returns of carriers.",
    ),
    "affairs.port_affairs": (
        "進出港簽證與港區作業申請。",
        "Port clearance and applications for work in port.",
    ),
    "affairs.vessels": ("船舶登記、檢丈與證書。", "Registration, measurement and certificates of vessels."),
    "affairs.crew": ("船員、引水人資格與證照。", "Qualifications and licences of seafarers and pilots."),
    "affairs.examinations": (
        "航海人員測驗報名、線上課程與成績。",
        "Examinations for seafarers, courses and results.",
    ),
    "contact.title": ("聯絡我們", "Contact us"),
    # Entering
    "login.title": ("登入", "Log in"),
    "login.account": ("帳號", "Account name"),
    "login.password": ("密碼", "Password"),
    "login.locked_hint": (
        "連續輸入錯誤 5 次，從您這裡登入將暫停 15 分鐘。忘記密碼請洽客服專線。",
        "After 5 wrong passwords, you have to wait 15 minutes. If you have forgotten your password, call "
        "the helpdesk.",
    ),
    "activate.name_taken": (
        "您申請的帳號 {name} 已有人使用。目前的帳號是 {account}，您可以在此另選一個。",
        "The account name {name} you applied for is taken. It is {account} for now; you may choose another.",
    ),
    "device.link": (
        "密碼正確卻無法登入？以電子郵件確認這部裝置",
        "Right password, but cannot log in? Confirm this device",
    ),
    "device.title": ("確認這部裝置", "Confirm this device"),
    "device.lead": (
        "有人一再輸入錯誤密碼時，您的帳號會暫緩登入。驗證碼會傳送至帳號登記的電子郵件；確認後，他人的錯誤不再影響這部裝置。",
        "When somebody keeps typing wrong passwords, logging in to your account is slowed down. We send a code to the "
        "account's e-mail; once confirmed, others' mistakes no longer affect this device.",
    ),
    "device.sent_at": (
        "如果有這個帳號，驗證碼已於 {at} 傳送至它登記的電子郵件，{until} 前有效。",
        "If there is such an account, a code was sent to its e-mail at {at}. It is valid until {until}.",
    ),
    "device.sent": (
        "如果有這個帳號，驗證碼已傳送至它登記的電子郵件，10 分鐘內有效。",
        "If there is such an account, a code has been sent to its e-mail. It is valid for 10 minutes.",
    ),
    "device.confirmed": (
        "這部裝置已確認，請以密碼登入。",
        "This device is confirmed. Log in with your password.",
    ),
    "login.apply": ("還沒有帳號？申請帳號", "No account yet? Apply for one"),
    "login.needed": ("請先登入，再繼續。", "Log in to continue."),
    "login.ended": (
        "您已登出，或登入已逾時。請重新登入。",
        "You were logged out, or your session ended. Please log in again.",
    ),
    "login.ended_kept": (
        "您已登出，或登入已逾時。重新登入後，您剛才輸入的內容還在。",
        "You were logged out, or your session ended. When you log in again, what you typed is still there.",
    ),
    "logout.done": ("您已登出。", "You are logged out."),
    "logout.done_cases": (
        "您已登出，在此電腦上開啟的案件也已關閉。",
        "You are logged out, and the cases opened on this computer are closed.",
    ),
    "frozen.title": ("帳號已凍結", "Your account is frozen"),
    "frozen.text": (
        "您已超過 90 天未登入，帳號已凍結。您的資料不受影響。請撥 24 小時客服專線 0800-022-120，或來信 "
        "service@mtnet.gov.tw；核對身分後即可恢復，並以原密碼登入。",
        "You have not logged in for more than 90 days, so your account is frozen. Your data is not affected. "
        "Call the helpdesk on 0800-022-120 at any hour, or write to service@mtnet.gov.tw. Once it has checked "
        "who you are, the helpdesk restores your account, and you log in with the same password as before.",
    ),
    "disabled.title": ("帳號已停用", "Your account is disabled"),
    "disabled.text": (
        "您已超過 12 個月未登入，帳號已停用。請提供證明文件給客服，或撥 0800-022-120。",
        "You have not logged in for more than 12 months, so your account is disabled. Send evidence of who you "
        "are to the helpdesk, or call 0800-022-120.",
    ),
    "account.title": ("我的帳號", "My account"),
    "account.previous_login": ("上次登入", "Previous login"),
    "account.first_login": ("這是您第一次登入", "This is your first login"),
    "account.organisation": ("所屬單位", "Organisation"),
    "account.unit": ("審核單位", "Unit"),
    "account.systems": ("您的服務系統", "Your systems"),
    "account.roles": ("角色", "Roles"),
    "account.to_review": ("前往帳號申請審查", "Go to the review queue"),
    "activate.title": ("啟用帳號", "Activate your account"),
    "activate.lead": (
        "{name} 您好，帳號 {account} 已核准。請設定密碼。",
        "Hello {name}, your account {account} is approved. Set a password.",
    ),
    "activate.password": ("密碼", "Password"),
    "activate.again": ("再輸入一次密碼", "Enter the password again"),
    "activate.rules": (
        "至少 8 碼，須包含大寫英文、小寫英文、數字及特殊字元（例如 ! @ # $ %），且不可包含帳號或身分證字號。",
        "At least 8 characters with an upper-case and a lower-case letter, a digit and a special character such as "
        "! @ # $ %. It must not contain your account name or ID number.",
    ),
    "activate.button": ("啟用帳號", "Activate account"),
    "activate.done_title": ("帳號已啟用", "Your account is active"),
    "activate.done_text": ("您現在可以用帳號 {account} 登入。", "You can now log in as {account}."),
    "activate.invalid_title": ("連結已失效", "This link no longer works"),
    "activate.invalid_text": (
        "啟用連結只能使用一次，7 天內有效；重新寄送後，舊連結即失效。您可在「查詢目前審核進度」重新索取連結。",
        "An activation link works once and is valid for 7 days. A newer link replaces it. You can ask for a new "
        "one under Check case progress.",
    ),
    "pair": ("{name}：{value}", "{name}: {value}"),
    "aside": ("（{what}）", " ({what})"),
    "menu.button": ("選單", "Menu"),
    "switched": (
        "已切換顯示方式。您輸入的內容都還在，尚未送出。",
        "The page is now shown as you chose. What you typed is still there, not sent yet.",
    ),
    "switched.files": (
        "已切換顯示方式。您輸入的內容都還在，尚未送出；檔案請重新選擇。",
        "The page is now shown as you chose. What you typed is still there, not sent yet. Choose the file again.",
    ),
    "activate.password_name": ("密碼", "Password"),
    "activate.again_name": ("再輸入一次密碼", "Password again"),
    "activate.used_title": ("帳號已啟用", "Your account is already active"),
    "activate.used_text": (
        "這個連結已使用過：帳號已啟用，請直接登入。",
        "This link has been used and your account is active. You can log in.",
    ),
}
