"""Words for every code a service refuses with: what is wrong, and how to mend it."""

WORDS: dict[str, tuple[str, str]] = {
    "error.prefix": ("錯誤：", "Error: "),
    "error.summary": ("請修正下列問題", "There is a problem"),
    # Any field
    "error.REQUIRED": ("請填寫「{field}」", "Enter the {field}"),
    "error.NOT_VALID": (
        "「{field}」的內容無法辨識，請重新填寫",
        "{field} cannot be understood. Enter it again",
    ),
    "error.TOO_LONG": ("「{field}」太長，請縮短", "{field} is too long. Shorten it"),
    "error.TOO_MANY": ("「{field}」的項目太多，請減少", "{field} has too many entries. Send fewer"),
    "error.ONE_LINE": (
        "「{field}」只能填寫一行，請移除換行",
        "{field} takes a single line. Remove the line breaks",
    ),
    "error.NOT_A_CHOICE": ("請從選項中選擇「{field}」", "Choose one of the options for {field}"),
    "error.NOT_AN_OBJECT": ("送出的資料格式不正確", "The data sent has the wrong form"),
    "error.UNKNOWN_FIELD": ("送出了本頁沒有的欄位", "A field was sent that is not asked for"),
    # Particular fields
    "error.NOTICE_NOT_AGREED": (
        "請閱讀個資告知書並勾選同意後再繼續",
        "Read the privacy notice and tick that you agree",
    ),
    "error.NOTICE_OUTDATED": (
        "個資告知書已更新，請閱讀新版後再勾選同意",
        "The privacy notice has changed; read the new one and agree again",
    ),
    "error.ID_NUMBER_INVALID": (
        "身分證字號或居留證號不正確，請核對英文字母與 9 碼",
        "This is not a valid ID or resident number; check the letter and the 9 characters after it",
    ),
    "error.ACCOUNT_LENGTH": ("帳號須為 8 至 20 碼", "The account name must have 8 to 20 characters"),
    "error.ACCOUNT_CHARACTERS": (
        "帳號只能用英文字母與數字，請移除空白與符號",
        "Use letters and digits only; remove spaces and symbols",
    ),
    "error.ACCOUNT_NAME_TAKEN": (
        "此帳號已被使用，請換一個",
        "This account name is taken. Choose another one",
    ),
    "error.TOO_MANY_NAMES": (
        "短時間內詢問的帳號太多，請一小時後再試，或先使用原來的帳號名稱",
        "Too many account names were asked for; try again in an hour",
    ),
    "error.UNIFIED_BUSINESS_NUMBER_INVALID": (
        "統一編號不正確，請核對 8 碼數字",
        "This is not a valid company number; check the 8 digits",
    ),
    "error.NOTHING_CHANGED": (
        "您沒有修改任何內容。請先依退件原因修改，或勾選後重新送出",
        "Nothing has been changed. Correct what was marked, or tick the box to submit it as it is",
    ),
    "error.CASE_QUERY_INVALID": (
        "請輸入案件編號（PTAPPLY 開頭，共 20 碼）或正確的身分證字號、居留證號",
        "Enter a case number (PTAPPLY and 13 more characters) or a valid ID or resident number",
    ),
    "error.POSTAL_CODE_INVALID": ("郵遞區號須為 3、5 或 6 碼數字", "A postal code has 3, 5 or 6 digits"),
    "error.PHONE_INVALID": (
        "「{field}」不是有效的號碼，請輸入區碼與號碼，例如 02-33436767",
        "{field} is not a valid number; enter area code and number, for example 02-33436767",
    ),
    "error.PHONE_NEEDS_AREA_CODE": (
        "請在「{field}」加上區碼，例如 02-3343-6767",
        "Add the area code to {field}, for example 02-3343-6767",
    ),
    "error.MOBILE_INVALID": (
        "「{field}」不是有效的行動電話，請輸入 10 碼，例如 0912345678",
        "{field} is not a valid mobile number. Enter 10 digits, for example 0912345678",
    ),
    "error.EMAIL_INVALID": (
        "「{field}」格式不正確，例如 name@example.com",
        "{field} is not a valid address; for example name@example.com",
    ),
    "error.SYSTEMS_REQUIRED": ("請至少選擇一個申請系統", "Choose at least one system"),
    "error.DECLARATION_REQUIRED": ("請勾選聲明後再送出", "Tick the declaration before submitting"),
    # Codes
    "error.CODE_REQUIRED": ("請輸入驗證碼", "Enter the code"),
    "error.TOO_MANY_GUESSES": (
        "今天輸入錯誤次數過多，請明天再試，或洽客服專線",
        "Too many wrong codes today; try again tomorrow or call the helpdesk",
    ),
    "error.CODE_WRONG": (
        "驗證碼不正確，請核對最新一則訊息",
        "This code is not right. Check the latest message",
    ),
    "error.CODE_EXPIRED": ("驗證碼已逾時，請重新索取", "This code has expired. Ask for a new one"),
    "error.CODE_VOID": (
        "錯誤次數過多，此驗證碼已作廢，請重新索取",
        "Too many wrong tries. Ask for a new code",
    ),
    "error.TOO_SOON": (
        "剛剛已寄出，請稍候一分鐘再試",
        "We have just sent one. Wait a minute, then try again",
    ),
    "error.TOO_MANY_CODES": (
        "索取次數過多，請稍後再試或洽客服專線",
        "You have asked for too many codes. Try again later or call the helpdesk",
    ),
    "error.CONTACT_MISSING": ("請先填寫這項聯絡資料", "Enter this contact first"),
    "error.ALREADY_VERIFIED": ("這項聯絡資料已完成驗證", "This contact is already confirmed"),
    # Files
    "error.FILE_MISSING": ("請選擇檔案", "Choose a file"),
    "error.FILE_EMPTY": ("檔案是空的，請重新掃描", "The file is empty; scan it again"),
    "error.FILE_TOO_LARGE": (
        "檔案須小於 10 MB，請降低掃描解析度",
        "The file must be under 10 MB; scan with a lower resolution",
    ),
    "error.FILE_TYPE": ("檔案須為 PDF、JPG 或 PNG", "The file must be a PDF, JPG or PNG"),
    "error.FILE_UNREADABLE": (
        "檔案已損壞或無法開啟，請重新掃描",
        "The file is damaged or cannot be opened; scan it again",
    ),
    "error.FILE_ENCRYPTED": (
        "檔案有密碼保護，請移除密碼後再上傳",
        "The file has a password; remove it and upload again",
    ),
    "error.FILE_TOO_MANY_PAGES": ("檔案不可超過 20 頁", "The file must not have more than 20 pages"),
    "error.FILE_TOO_MANY_PIXELS": (
        "圖片太大，請降低解析度",
        "The picture is too large; lower its resolution",
    ),
    "error.FILE_BLANK": (
        "檔案是空白頁，請確認掃描的是有內容的一面",
        "The page is blank; make sure the printed side was scanned",
    ),
    "error.FORM_OF_ANOTHER_CASE": (
        "這是另一個案件的帳號申請表，請上傳本案的帳號申請表",
        "This is the application form of another case. Upload the one for this case",
    ),
    "error.FORM_OUTDATED": (
        "資料已變更，請重新下載帳號申請表，用印後再上傳",
        "Your answers have changed. Download the application form again, stamp it and upload it",
    ),
    "error.CONTACT_NOT_VERIFIED": (
        "請先驗證電子郵件或行動電話，再下載或上傳帳號申請表",
        "Verify an e-mail address or mobile number before downloading or uploading the application form",
    ),
    "error.BUSY": (
        "系統忙碌中，請過幾秒再試一次；您儲存過的資料都還在",
        "The system is busy. Try again in a few seconds; what you saved is safe",
    ),
    "error.TOO_MANY_DOCUMENTS": (
        "今天下載與上傳帳號申請表的次數已達上限，請明天再試，或洽客服專線",
        "The application form was downloaded or uploaded too often today; try again tomorrow or call the helpdesk",
    ),
    # Passwords
    "error.PASSWORD_TOO_SHORT": ("密碼至少 8 碼", "The password needs at least 8 characters"),
    "error.PASSWORD_NEEDS_UPPER": ("密碼須包含大寫英文字母", "The password needs an upper-case letter"),
    "error.PASSWORD_NEEDS_LOWER": ("密碼須包含小寫英文字母", "The password needs a lower-case letter"),
    "error.PASSWORD_NEEDS_DIGIT": ("密碼須包含數字", "The password needs a digit"),
    "error.PASSWORD_NEEDS_SPECIAL": (
        "密碼須包含特殊字元，例如 ! @ #",
        "The password needs a special character such as ! @ #",
    ),
    "error.PASSWORD_CONTAINS_ACCOUNT": ("密碼不可包含帳號", "The password must not contain the account name"),
    "error.PASSWORD_CONTAINS_ID_NUMBER": (
        "密碼不可包含身分證字號",
        "The password must not contain the ID number",
    ),
    "error.PASSWORD_TOO_COMMON": (
        "這個密碼太常見，容易被猜到，請換一個",
        "This password is too common; choose another",
    ),
    "error.PASSWORDS_DIFFER": (
        "兩次輸入的密碼不同，請重新輸入",
        "The two passwords differ; enter them again",
    ),
    # Entering
    "error.LOGIN_FAILED": (
        "帳號或密碼錯誤，或因錯誤次數過多而暫停。連續錯誤 5 次後請稍候 15 分鐘再試",
        "Account name or password is wrong, or there were too many wrong tries. After 5, wait 15 minutes",
    ),
    "error.ACCOUNT_FROZEN": ("帳號已凍結", "The account is frozen"),
    "error.ACCOUNT_DISABLED": ("帳號已停用", "The account is disabled"),
    "error.SESSION_ENDED": ("登入已逾時，請重新登入", "Your session has ended; log in again"),
    "error.NOT_SIGNED_IN": ("請先登入", "Log in first"),
    "error.NOT_ALLOWED": ("您的帳號沒有這項權限", "Your account is not allowed to do this"),
    "error.ACTIVATION_LINK_INVALID": ("連結已失效", "This link no longer works"),
    "error.NOT_AWAITING_ACTIVATION": ("帳號已經啟用，請直接登入", "The account is active already; log in"),
    # Applications
    "error.INVALID": ("請修正標示的欄位", "Correct the fields marked"),
    "error.APPLICATION_TOKEN_INVALID": (
        "請先開始申請，或以案件編號繼續",
        "Start an application, or continue a saved one with its case number",
    ),
    "error.NOT_EDITABLE": (
        "案件已送出，目前不能修改；如需補正，審核單位會退件通知您",
        "The application has been submitted and cannot be changed now",
    ),
    "error.ANSWERS_CHANGED": (
        "這一頁的資料已在另一個視窗改過。請核對下方內容，再按一次按鈕",
        "This has been changed in another window since you opened it. Check it below, then press the button again",
    ),
    "error.SECTION_NOT_ASKED": ("您的身分別不需要這一頁", "Your type of applicant does not need this page"),
    "error.INCOMPLETE": ("尚有未完成的項目", "Something is still missing"),
    "error.NOT_WITHDRAWABLE": ("案件目前不能撤回", "The application cannot be withdrawn now"),
    "error.NOT_SUBMITTED": ("尚未送出，沒有收執聯", "Not submitted yet, so there is no receipt"),
    "error.TOO_MANY_APPLICATIONS": (
        "由這個網路開始的申請太多，請一小時後再試",
        "Too many applications were started from this network. Try again in an hour",
    ),
    "error.IDEMPOTENCY_KEY_REUSED": (
        "這份表單已經送出過，請重新整理頁面",
        "This form was sent already; reload the page",
    ),
    # Review
    "error.CASE_NOT_FOUND": ("沒有這個案件，或不屬於您的單位", "No such case, or it is not your unit's"),
    "error.STALE_VERSION": (
        "案件在您閱讀時已有變動，請看過新內容再決定",
        "The case changed while you were reading; look at it again, then decide",
    ),
    "error.NOT_CLAIMED": ("請先認領再審核", "Claim the case before you decide it"),
    "error.CLAIMED_BY_ANOTHER": ("此案正由其他人員處理中", "Somebody else is working on this case"),
    "error.CASE_NOT_OPEN": ("案件目前不在審核中", "The case is not open"),
    "error.OWN_CASE": ("不可審核自己的案件", "You cannot decide on your own case"),
    "error.LAST_STAGE": ("這是最後一關，請選擇核准", "This is the last stage; approve instead"),
    "error.NOT_LAST_STAGE": ("還有下一關，請送往下一關", "There is another stage; forward instead"),
    "error.REASONS_REQUIRED": ("退件時請至少標示一個項目", "Mark at least one field when you return a case"),
    "error.REASON_DOES_NOT_FIT": (
        "這個原因不適用於「{field}」，請另選一項",
        "{field} cannot be marked for this reason. Choose another",
    ),
    "error.REASON_REQUIRED": ("請填寫查看原因", "Enter why you need to see it"),
    "error.PAGE_NOT_FOUND": ("沒有這一頁", "There is no such page"),
    # What was typed into a form that could not be taken
    "typed.title": ("您剛才輸入的內容", "What you typed"),
    "typed.text": ("這些內容沒有送出，您可以複製保留。", "It was not sent. You can copy it from here."),
    "typed.note": ("說明", "Remarks"),
    "typed.reason": ("查看原因", "Why you need it"),
    # Pages
    "page.404.title": ("找不到這一頁", "Page not found"),
    "page.404.text": (
        "網址可能打錯或已變更。您可以回到首頁，或查看網站導覽。",
        "The address may be mistyped or have changed. Go to the home page or the site map.",
    ),
    "page.403.title": ("沒有權限", "Not allowed"),
    "page.403.text": (
        "您的帳號沒有這一頁的權限。如有疑問，請洽客服專線。",
        "Your account is not allowed to see this page. If you have questions, call the helpdesk.",
    ),
    "page.400.title": ("無法處理這個請求", "We could not handle this request"),
    "page.400.text": (
        "頁面可能開啟太久。請回上一頁重新整理後再送出；已儲存的資料不受影響。",
        "The page may have been open too long. Go back, reload and send again; what was saved is safe.",
    ),
    "page.409.title": ("內容已有變動", "Something has changed"),
    "page.409.text": ("請看過最新內容後再繼續。", "Look at the latest state, then go on."),
    "page.413.title": ("檔案太大", "The file is too large"),
    "page.413.text": (
        "檔案須小於 10 MB。請降低掃描解析度後再上傳；已儲存的資料不受影響。",
        "The file must be under 10 MB. Scan it at a lower resolution and upload it again. What you saved is kept.",
    ),
    "page.413_text.title": ("輸入的內容太多", "Too much text"),
    "page.413_text.text": (
        "送出的文字超過本頁可接受的長度。請縮短後再送出；已儲存的資料不受影響。",
        "What you sent is longer than this page can take. Shorten it and send it again. What you saved is kept.",
    ),
    "page.back": ("回到剛才的頁面", "Back to the page you came from"),
    "page.429.title": ("請稍候再試", "Please wait a moment"),
    "page.429.text": (
        "短時間內請求次數過多。請稍候一分鐘再試；已儲存的資料不受影響。",
        "Too many requests in a short time. Wait a minute; what was saved is safe.",
    ),
    "page.500.title": ("系統發生問題", "Something went wrong"),
    "page.500.text": (
        "我們已記錄這個問題。您儲存過的資料都還在，請稍後再試或洽客服專線。",
        "The problem has been recorded. What you saved is safe; try again later or call the helpdesk.",
    ),
    "page.in_a_moment.title": ("請稍候再試", "In a moment"),
    "page.in_a_moment.text": (
        "案件剛送達，資料幾秒後即可查看。",
        "This case has only just arrived. Its form and details can be seen in a few seconds.",
    ),
    "page.503.title": ("此服務暫時無法使用", "This service is not available right now"),
    "page.503.text": (
        "其他服務不受影響。您已儲存的資料都還在；請幾分鐘後重新整理本頁。",
        "Other services work. What you saved is safe; reload this page in a few minutes.",
    ),
    "error.CHOOSE": ("請選擇「{field}」", "Choose the {field}"),
    "error.ACTIVATION_LINK_USED": (
        "這個連結已使用過，帳號已啟用，請直接登入",
        "This link has been used and the account is active. Log in",
    ),
}
