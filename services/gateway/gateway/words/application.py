"""Words of applying for an account and of following a case."""

WORDS: dict[str, tuple[str, str]] = {
    "apply.title": ("帳號申請", "Apply for an account"),
    "apply.lead": (
        "申請後由航務中心與營運中心審核，結果以電子郵件通知。填寫的內容隨時保存，30 天內可以回來繼續。",
        "Your application is reviewed by the bureau's centres and you are told by e-mail. "
        "What you fill in is saved as you go; you can come back within 30 days.",
    ),
    "apply.need": ("請準備", "You need"),
    "apply.need.id": ("身分證字號或居留證號", "your ID or resident number"),
    "apply.need.contacts": (
        "可以收簡訊的行動電話與電子郵件",
        "a mobile that receives text messages, and e-mail",
    ),
    "apply.need.company": (
        "公司或機關：統一編號、公司電話與信箱、印章，以及掃描器或相機",
        "for a company or body: its number, telephone and e-mail, its seal, and a scanner or camera",
    ),
    "apply.start": ("開始申請", "Start now"),
    "apply.resume": ("以案件編號繼續申請", "Go on with an application by its case number"),
    "apply.resume_this": ("繼續填寫案件 {number}", "Go on with {number}"),
    "apply.unfinished": ("這台電腦上未完成的申請", "Not finished yet on this computer"),
    "apply.begun": ("，{at} 開始", ", begun {at}"),
    "apply.start_another": ("開始另一件申請", "Start another one"),
    "apply.another": (
        "您在這台電腦上還有未完成的申請。開始另一件不會影響它。",
        "There is an unfinished application on this computer. Starting another one leaves it as it is.",
    ),
    "apply.see_unfinished": ("查看未完成的申請", "See what is unfinished"),
    "apply.identity_type": ("選擇身分別", "Who are you applying as?"),
    "apply.case_number": ("案件編號 {number}", "Case number {number}"),
    "apply.keep_number": (
        "請記下案件編號，之後可用它繼續填寫或查詢進度。",
        "Keep the case number: with it you can go on later or follow the case.",
    ),
    "apply.tasks": ("申請步驟", "Steps of your application"),
    "apply.done": ("完成", "Done"),
    "apply.todo": ("未完成", "To do"),
    "apply.outdated": ("需更新", "Needs updating"),
    "apply.method": ("註冊方式", "Way of registering"),
    "apply.method.email": ("以電子郵件註冊", "Register by e-mail"),
    "apply.method.note": (
        "自然人憑證與工商憑證註冊尚未開放。",
        "Registering with a certificate card is not available yet.",
    ),
    "apply.agree": (
        "我已閱讀並同意「航港單一窗口服務平台蒐集、處理及利用個人資料告知書」",
        "I have read and agree to the privacy notice of the maritime single window",
    ),
    "apply.same_email": (
        "與公司電子郵件相同時，不必重複驗證。",
        "If it equals the company's, it need not be proved twice.",
    ),
    "code.title": ("驗證{contact}", "Verify {contact}"),
    "code.before": (
        "我們會以{channel}將 6 位數驗證碼寄到 {value}，10 分鐘內有效。",
        "We will send a 6-digit code by {channel} to {value}. It is good for 10 minutes.",
    ),
    "code.send": ("寄送驗證碼", "Send the code"),
    "code.sent": ("驗證碼已寄到 {value}。", "The code was sent to {value}."),
    "code.label": ("驗證碼", "Code"),
    "code.hint": ("6 位數字", "6 digits"),
    "code.verify": ("驗證", "Verify"),
    "code.not_received": ("沒有收到？", "Nothing arrived?"),
    "code.again": ("重新寄送驗證碼", "Send another code"),
    "code.correct": ("更正聯絡資料", "Correct the contact"),
    "code.verified": ("已驗證", "Verified"),
    "form.title": ("用印申請表", "Stamped form"),
    "form.step1": ("下載申請表", "Download the form"),
    "form.step1_text": (
        "申請表由您填寫的資料產生，附有案件編號與 QR Code。",
        "The form is made from your answers and carries the case number and a QR code.",
    ),
    "form.download": ("下載申請表（PDF）", "Download the form (PDF)"),
    "form.step2": ("列印並用印", "Print and stamp it"),
    "form.step2_text": (
        "蓋公司大章與負責人章。",
        "Use the organisation's seal and that of the person in charge.",
    ),
    "form.step3": ("掃描或拍照後上傳", "Scan or photograph it and upload"),
    "form.file": ("選擇檔案", "Choose a file"),
    "form.file_hint": (
        "PDF、JPG 或 PNG，10 MB 以內，最多 20 頁",
        "PDF, JPG or PNG, up to 10 MB and 20 pages",
    ),
    "form.upload": ("上傳", "Upload"),
    "form.uploaded": ("已上傳：{name}（{size}，{pages} 頁）", "Uploaded: {name} ({size}, pages: {pages})"),
    "form.outdated": (
        "您變更過資料，這份申請表已不是最新內容。請重新下載、用印並上傳。",
        "You have changed answers since. Download the form again, stamp it and upload it.",
    ),
    "form.not_recognised": (
        "系統讀不到這份檔案上的 QR Code。您可以用較高的解析度、完整拍到整頁後重新上傳，審核會較快；"
        "也可以直接送出，由審核人員核對表上的內容識別碼。",
        "The QR code on this file could not be read. A sharper scan of the whole page makes the review quicker; "
        "you may also go on, and the reviewer compares the fingerprint printed on the form.",
    ),
    "form.remove": ("移除檔案", "Remove the file"),
    "form.not_ready": (
        "請先完成基本資料，才能產生申請表。",
        "Complete your answers first; the form is made from them.",
    ),
    "check.title": ("送出前請確認", "Check your answers"),
    "check.not_yet": (
        "申請尚未送出。確認無誤後，請按最下方的按鈕送出。",
        "Nothing has been sent yet. Submit at the end of this page.",
    ),
    "check.missing": ("送出前還需要完成：", "Before you can submit:"),
    "check.declare": (
        "以上所填資料均與事實相符。",
        "Everything I have stated is true.",
    ),
    "check.submit": ("送出申請", "Submit the application"),
    "check.resubmit": ("重新送出", "Submit again"),
    "check.changed": ("已修改", "Changed"),
    "missing.section": ("填寫「{section}」", "Fill in: {section}"),
    "missing.contact": ("驗證{contact}", "Verify {contact}"),
    "missing.form": ("上傳用印申請表", "Upload the stamped form"),
    "missing.form_outdated": (
        "重新上傳用印申請表（內容已變更）",
        "Upload the form again (answers have changed)",
    ),
    "receipt.title": ("申請已送出", "Application submitted"),
    "receipt.number": ("案件編號", "Your case number"),
    "receipt.at": ("收件時間", "Received at"),
    "receipt.next": ("接下來", "What happens next"),
    "receipt.next1": (
        "確認信已寄到您的電子郵件；收執聯可在此列印或下載。",
        "A confirmation is on its way to your e-mail; print or download the receipt here.",
    ),
    "receipt.next2": (
        "審核單位收到案件後會開始審核；需要補正時會退件並說明原因。",
        "The unit in charge reviews it and tells you if something has to be corrected.",
    ),
    "receipt.next3": (
        "核准後，您會收到啟用帳號的連結。",
        "Once approved, you get a link to activate your account.",
    ),
    "receipt.pdf": ("下載收執聯（PDF）", "Download the receipt (PDF)"),
    "receipt.print": ("列印本頁", "Print this page"),
    "receipt.follow": ("查詢案件進度", "Follow your case"),
    # Following
    "case.title": ("查詢案件進度", "Case progress"),
    "case.lead": (
        "輸入案件編號或身分證字號。若資料相符，我們會將驗證碼寄到申請時驗證過的電子郵件或手機。",
        "Enter the case number or your ID number. If there is such a case, a code is sent to an e-mail address or "
        "mobile that was verified in it.",
    ),
    "case.query": ("案件編號或身分證字號", "Case number or ID number"),
    "case.query_hint": ("案件編號例如 PTAPPLY936EC90162340", "A case number looks like PTAPPLY936EC90162340"),
    "case.send": ("寄送驗證碼", "Send a code"),
    "case.code_title": ("輸入驗證碼", "Enter the code"),
    "case.code_lead": (
        "若資料相符，驗證碼已寄到申請時驗證過的電子郵件或手機，10 分鐘內有效。",
        "If there is such a case, a code has been sent to an e-mail address or mobile verified in it. "
        "It is good for 10 minutes.",
    ),
    "case.opened": ("這台電腦上已開啟的案件", "Open on this computer"),
    "case.others": ("您的其他案件", "Your other cases"),
    "case.left": (
        "已在這台電腦結束使用。之後輸入案件編號，即可再次開啟。",
        "The case is closed on this computer. Enter its number to open it again.",
    ),
    "case.heading": ("案件 {number}", "Case {number}"),
    "case.status": ("狀態", "Status"),
    "case.type": ("身分別", "Applicant type"),
    "case.submitted_at": ("送件時間", "Submitted"),
    "case.updated_at": ("最後更新", "Last change"),
    "case.unit": ("目前單位", "Now with"),
    "case.stage": ("第 {stage} 關，共 {stages} 關", "Stage {stage} of {stages}"),
    "case.due": ("預計完成日", "Expected by"),
    "case.steps": ("辦理歷程", "Progress"),
    "case.step.at": ("時間", "Time"),
    "case.step.what": ("狀態", "What happened"),
    "case.step.unit": ("單位", "Unit"),
    "case.step.note": ("說明", "Remarks"),
    "case.step.resubmitted": ("重新送件（第 {submission} 次）", "Submitted again (no. {submission})"),
    "case.returned": ("案件已退回，請修改後重新送出", "Your application was returned. Please correct it."),
    "case.returned_text": (
        "請於 {date} 前修改標示的項目並重新送出，案件編號不變。",
        "Correct what is marked and submit again by {date}. The case number stays the same.",
    ),
    "case.reasons": ("需要修改的項目", "What has to change"),
    "case.note": ("審核單位說明", "What the unit says"),
    "case.correct": ("修改並重新送出", "Correct and submit again"),
    "case.rejected": ("申請未獲核准", "The application was not approved"),
    "case.rejected_text": (
        "您可以重新申請。如有疑問請洽客服專線。",
        "You can apply again. If in doubt, call the helpdesk.",
    ),
    "case.approved": ("申請已核准", "The application is approved"),
    "case.approved_text": (
        "啟用連結已寄到您的電子郵件，7 天內有效。",
        "An activation link has been sent to your e-mail. It works for 7 days.",
    ),
    "case.activated_text": ("帳號已啟用，請直接登入。", "The account is active. You can log in."),
    "case.reissue": ("重新寄送啟用連結", "Send the activation link again"),
    "case.reissued": (
        "新的啟用連結已寄出，舊連結已失效。",
        "A new link is on its way; the old one no longer works.",
    ),
    "case.refresh": ("重新整理狀態", "Refresh"),
    "case.withdraw": ("撤回申請", "Withdraw the application"),
    "case.withdraw_title": ("確定要撤回申請嗎？", "Withdraw this application?"),
    "case.withdraw_text": (
        "撤回後案件即結束，不能恢復；您可以隨時重新申請，帳號名稱也可再使用。",
        "Withdrawing ends the case for good. You can apply again at any time, with the same account name.",
    ),
    "case.withdraw_yes": ("撤回", "Withdraw"),
    "case.withdraw_no": ("不撤回", "Keep it"),
    "case.withdrawn": (
        "這個申請已結案，不再審核。原因與時間請見下方歷程。",
        "This application is closed and no longer under review. Its history below says why and when.",
    ),
    "case.form_view": ("查看上傳的申請表", "See the uploaded form"),
    # Leaving, and coming back
    "leave.text": (
        "使用公用或他人的電腦？離開前請結束使用，下一位使用者就看不到您的資料。",
        "Not your own computer? Close the case before you go, so that the next person does not see it.",
    ),
    "leave.button": ("在這台電腦結束使用此案件", "Close this case on this computer"),
    "leave.title": ("確定要結束使用嗎？", "Close this application here?"),
    "leave.unproved": (
        "您還沒有驗證任何電話或信箱，結束使用後將無法再開啟這份草稿，需重新填寫。",
        "You have not verified a telephone or e-mail yet. Once closed, this draft cannot be opened again; "
        "you would have to start over.",
    ),
    "leave.yes": ("結束使用", "Close it"),
    "leave.no": ("繼續填寫", "Go on filling it in"),
    "closed.title": ("請確認是您本人", "Show that this is your case"),
    "closed.text": (
        "這個案件目前沒有在這台電腦上開啟：可能已逾時，或已在另一個視窗結束使用。"
        "我們會把驗證碼寄到申請時驗證過的電子郵件或手機，輸入後即可繼續。",
        "This case is not open on this computer: its time is over, or it was closed in another window. "
        "A code is sent to an e-mail address or mobile verified in it; with it you can go on.",
    ),
    "closed.kept": (
        "您剛才輸入的內容沒有遺失，驗證後會回到原來的頁面。請不要關閉這個視窗。",
        "What you typed is not lost: after the code you come back to your page. Keep this window open.",
    ),
    "closed.unproved": (
        "若幾分鐘內沒有收到驗證碼，表示這份草稿還沒有驗證過的聯絡方式，請重新開始申請。",
        "If no code comes within a few minutes, the draft had no verified contact yet; please start again.",
    ),
    "kept.along": (
        "您剛才輸入的內容還在，驗證後會回到原來的頁面。",
        "What you typed is still there; you come back to it.",
    ),
    "kept.back": (
        "您剛才輸入的內容都還在，但尚未儲存。請核對後按下按鈕。",
        "What you typed is still there, but not saved yet. Check it and press the button.",
    ),
    "elsewhere.title": ("另一個視窗儲存的內容", "What another window saved"),
    "elsewhere.text": (
        "下方表單是您在這個視窗輸入的內容，尚未儲存；按「繼續」會以它取代。",
        "The form below holds what you typed here, not saved yet. Continue replaces what is listed.",
    ),
    "elsewhere.keep": ("保留另一個視窗的內容", "Keep what the other window saved"),
}
