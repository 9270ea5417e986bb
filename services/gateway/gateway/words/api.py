"""Words of the page about the API. What it lists comes from the OpenAPI document; here stands what explains it."""

WORDS: dict[str, tuple[str, str]] = {
    "api.lead": (
        "以程式申請帳號、查看審核進度、補正、審核與登入。本頁內容取自 OpenAPI 3.1 文件，兩者一致。",
        "Apply for an account, check its progress, correct it, review and log in by program. This page is made from "
        "the OpenAPI 3.1 document.",
    ),
    "api.document": ("下載 OpenAPI 3.1 文件（openapi.json）", "OpenAPI 3.1 document (openapi.json)"),
    "api.contents": ("目錄", "Contents"),
    "api.server": ("伺服器位址", "Server"),
    "api.server_text": (
        "所有路徑都在此位址之下。內容一律為 UTF-8 編碼的 JSON（上傳檔案除外），時間為 ISO 8601 格式的 UTC 時間。",
        "Every path is under this address. Requests and answers are JSON in UTF-8, except files. Times are "
        "ISO 8601 in "
        "UTC.",
    ),
    "api.proof": ("身分驗證", "Authentication"),
    "api.proof_application": (
        "申請案件：建立申請或以驗證碼開啟案件時會取得權杖，請放在 X-Application-Token 標頭。"
        "送件兩小時後權杖即失效，可再以驗證碼開啟案件。",
        "Applications: starting one, or opening a case by a code, gives a token. Send it in the X-Application-Token "
        "header. Two hours after submitting, the token no longer works; open the case again by a code.",
    ),
    "api.proof_session": (
        "登入與審核：以 POST /api/v1/sessions 登入後取得權杖，請放在 Authorization: Bearer 標頭。"
        "登出或逾時後即失效。",
        "Sessions and reviews: POST /api/v1/sessions gives a token. Send it in the Authorization: Bearer header. It "
        "ends when you log out or when the session times out.",
    ),
    "api.proof_none": (
        "Cookie 在此不具任何權限。權杖無效時回覆 401；權限不足時回覆 403。權杖如同密碼，請妥善保管，並只以 "
        "HTTPS 傳送。",
        "Cookies give no rights here. A token that is not valid is answered with 401, a missing right with 403. Keep "
        "tokens as secret as passwords, and send them over HTTPS only.",
    ),
    "api.repeating": ("重複送出", "Repeating a request"),
    "api.repeating_text": (
        "凡列有 Idempotency-Key 標頭的作業，請自訂一個值（例如 UUID）。連線中斷時，以同一個值重送相同的內容，"
        "作業只會執行一次，並回覆第一次的結果，保留七天；"
        "內容不同時回覆 409 與 IDEMPOTENCY_KEY_REUSED。未附權杖的作業只保留十分鐘。",
        "Where the Idempotency-Key header is listed, send a value of your choice, such as a UUID. If the connection "
        "breaks, send the same request with the same value: it is carried out once, and you get the first "
        "answer again, "
        "for seven days. Another request with that value is answered with 409 and IDEMPOTENCY_KEY_REUSED. Without a "
        "token, a value is remembered for ten minutes.",
    ),
    "api.errors": ("錯誤", "Errors"),
    "api.errors_text": (
        "錯誤以代碼表示，不含說明文字。errors 之下的 json、query、files 與 headers 依欄位列出代碼（例如 "
        "reasons.0.code）；"
        "refusal 為整個要求的代碼，相關資料在 detail；service 為暫時無法使用的服務。",
        "Errors are codes, never sentences. Under errors, the objects json, query, files and headers list "
        "codes by field, "
        "such as reasons.0.code. The list refusal is about the request as a whole, with facts in detail. The "
        "list service "
        "names the part that is away.",
    ),
    "api.limits": ("次數限制", "Rate limits"),
    "api.limits_text": (
        "同一來源每分鐘最多 {writes} 次寫入（POST、PUT、DELETE）。回覆的 X-RateLimit-Limit、X-RateLimit-Remaining "
        "與 X-RateLimit-Reset "
        "標頭說明上限、剩餘次數與重新計算的時間（自 1970 年起的秒數）。回覆 429 或 503 時，請依 Retry-After "
        "標頭的秒數等候後再試。"
        "一般要求的內容上限為 512 KiB，上傳檔案為 10 MB。",
        "One source may write (POST, PUT, DELETE) {writes} times a minute. The headers X-RateLimit-Limit, "
        "X-RateLimit-Remaining and X-RateLimit-Reset give the limit, what is left, and when counting starts "
        "again, in "
        "seconds since 1970. After 429 or 503, wait for the number of seconds in Retry-After. A request may "
        "have 512 KiB, "
        "an uploaded file 10 MB.",
    ),
    "api.details": ("參數、範例與回覆", "Parameters, examples and answers"),
    "api.needs": ("所需權杖：{what}", "Token: {what}"),
    "api.needs.application": ("X-Application-Token（申請案件）", "X-Application-Token (of the application)"),
    "api.needs.session": ("Authorization: Bearer（登入）", "Authorization: Bearer (of the session)"),
    "api.needs.none": ("不需要", "none"),
    "api.parameters": ("參數", "Parameters"),
    "api.no_parameters": ("沒有參數。", "There are no parameters."),
    "api.name": ("名稱", "Name"),
    "api.place": ("位置", "In"),
    "api.place.path": ("路徑", "path"),
    "api.place.query": ("查詢字串", "query"),
    "api.place.header": ("標頭", "header"),
    "api.place.body": ("內容", "body"),
    "api.kind": ("型別", "Type"),
    "api.values": ("可用的值", "Values"),
    "api.needed": ("必填", "Required"),
    "api.yes": ("是", "yes"),
    "api.no": ("否", "no"),
    "api.request_example": ("要求範例", "Example request"),
    "api.answer_example": ("回覆範例", "Example answer"),
    "api.answers": ("回覆狀態", "Answers"),
    "api.status": ("狀態", "Status"),
    "api.meaning": ("說明", "Meaning"),
    "api.codes": ("代碼", "Codes"),
    "api.status.200": ("成功", "Done"),
    "api.status.201": ("已建立", "Created"),
    "api.status.204": ("成功，沒有內容", "Done; there is no content"),
    "api.status.400": ("不是正確的 JSON", "Not JSON"),
    "api.status.401": ("權杖或帳號密碼無效", "The token, or the name and password, is not valid"),
    "api.status.403": ("沒有權限", "Not allowed"),
    "api.status.404": ("查無資料", "Not found"),
    "api.status.408": ("內容傳送過慢", "The body came too slowly"),
    "api.status.409": ("與目前狀態不符", "Does not fit the present state"),
    "api.status.410": ("已使用過", "Used already"),
    "api.status.413": ("內容過大", "Too large"),
    "api.status.415": ("Content-Type 不正確", "The Content-Type is not right"),
    "api.status.422": (
        "欄位內容不正確，errors 依欄位列出代碼",
        "Values that cannot be taken; errors lists codes by field",
    ),
    "api.status.429": ("次數過多", "Too many requests"),
    "api.status.500": ("系統錯誤", "A mistake of ours"),
    "api.status.503": ("部分服務暫時無法使用", "A part of the portal is away"),
    "api.tag.privacy-notice": ("個資告知書", "Privacy notice"),
    "api.tag.applications": ("帳號申請", "Applications"),
    "api.tag.cases": ("以驗證碼開啟案件", "Opening cases by a code"),
    "api.tag.activations": ("啟用帳號", "Activation"),
    "api.tag.sessions": ("登入", "Sessions"),
    "api.tag.devices": ("確認裝置", "Devices"),
    "api.tag.pages": ("公告、新聞與常見問題", "Announcements, news and questions"),
    "api.tag.reviews": ("審核", "Reviews"),
    "api.do.privacy_notice": ("取得現行個資告知書", "Get the privacy notice in force"),
    "api.do.start_application": ("建立申請", "Start an application"),
    "api.do.opened_applications": ("列出多個權杖各自開啟的申請", "List what each of several tokens opens"),
    "api.do.application": ("取得申請目前的內容", "Get the application as it stands"),
    "api.do.save_registration": (
        "儲存申請方式並同意個資告知書",
        "Save how you want to register, and the agreement to the privacy notice",
    ),
    "api.do.save_identity": ("儲存身分證字號與帳號", "Save ID number and account name"),
    "api.do.save_company": ("儲存公司或機關資料", "Save the organisation's data"),
    "api.do.save_applicant": ("儲存申請人資料", "Save the applicant's data"),
    "api.do.request_code": ("傳送驗證碼至聯絡方式", "Send a code to a contact"),
    "api.do.verify_contact": ("以驗證碼確認聯絡方式", "Confirm a contact by its code"),
    "api.do.form": (
        "下載已填妥的帳號申請表（供用印）",
        "Download the filled application form, to be stamped",
    ),
    "api.do.attach_form": (
        "上傳已用印的帳號申請表（PDF、JPEG 或 PNG，10 MB 以內）",
        "Upload the stamped application form: PDF, JPEG or PNG, up to 10 MB",
    ),
    "api.do.own_form": ("下載已上傳的帳號申請表", "Download the uploaded application form"),
    "api.do.own_form_preview": (
        "取得已上傳之帳號申請表第一頁的縮圖",
        "Get a small picture of the first page of the uploaded application form",
    ),
    "api.do.remove_form": ("移除已上傳的帳號申請表", "Remove the uploaded application form"),
    "api.do.submit_application": ("送件，或補正後重新送件", "Submit, or submit again after a return"),
    "api.do.withdraw_application": ("撤回申請", "Withdraw the application"),
    "api.do.leave_application": (
        "結束並關閉此案件：權杖失效，申請內容不變",
        "Give the token back: it no longer works, and the application stays as it is",
    ),
    "api.do.receipt": ("下載收執聯", "Download the receipt"),
    "api.do.reissue_activation": ("重新寄送啟用連結", "Send the activation link again"),
    "api.do.request_case_access": (
        "以案件編號或身分證字號索取驗證碼；無論案件是否存在，回覆都相同",
        "Ask for a code by case number or ID number; the answer is the same for known and unknown ones",
    ),
    "api.do.open_case": ("以驗證碼開啟案件", "Open your cases by the code"),
    "api.do.activation": ("查看啟用連結", "See what an activation link is for"),
    "api.do.activate_account": (
        "設定密碼並啟用帳號（一次）",
        "Set the password, once, and activate the account",
    ),
    "api.do.log_in": ("登入；附上的舊登入權杖同時失效", "Log in; a session whose token comes along ends"),
    "api.do.request_device_code": (
        "傳送驗證碼至帳號的電子郵件；無論帳號是否存在，回覆都相同",
        "Send a code to an account's e-mail address; the answer is the same for known and unknown ones",
    ),
    "api.do.confirm_device": (
        "以驗證碼確認這部裝置為帳號本人所有",
        "Confirm by the code that this device is the owner's",
    ),
    "api.do.session": ("查看登入者與期限", "See who is logged in, and until when"),
    "api.do.extend_session": ("延長登入時間", "Extend the session"),
    "api.do.log_out": ("登出", "Log out"),
    "api.do.published": ("列出公告、新聞與常見問題", "List announcements, news and questions"),
    "api.do.published_page": ("取得一則內容", "Get one of them"),
    "api.do.queue": ("列出本單位的案件", "List the cases of the reviewer's unit"),
    "api.do.case": ("取得一件案件", "Get a case"),
    "api.do.claim": ("認領案件", "Claim a case"),
    "api.do.release": ("釋出已認領的案件", "Give a claimed case back"),
    "api.do.forward": ("轉送下一關", "Forward to the next stage"),
    "api.do.approve": ("於最後一關核准", "Approve at the last stage"),
    "api.do.return": ("退件待補正，附原因代碼", "Return to the applicant, with coded reasons"),
    "api.do.reject": ("不予核准", "Reject"),
    "api.do.reveal_id_number": (
        "取得完整身分證字號；連同理由留下紀錄",
        "Get the full ID number; this is recorded with the reason",
    ),
    "api.do.case_form": (
        "下載已用印的帳號申請表；每次查看均留下紀錄",
        "Download the application form; every look is recorded",
    ),
    "api.do.case_form_page": (
        "以圖片取得帳號申請表的一頁；每次查看均留下紀錄",
        "Get a page of the application form as a picture; every look is recorded",
    ),
}
