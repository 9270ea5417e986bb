"""Words of applying for an account and of following a case."""

WORDS: dict[str, tuple[str, str]] = {
    "apply.title": ("帳號申請", "Apply for an account"),
    "apply.lead": (
        "申請由航務中心與營運中心審核，結果以電子郵件通知。每完成一頁即儲存，30 天內可以回來繼續填寫。",
        "The bureau's maritime affairs centres and operations centre review your application and e-mail you the "
        "result. Each page is saved when you continue, and you can come back to it within 30 days.",
    ),
    "apply.need": ("請先備妥", "What you need"),
    "apply.need.id": ("身分證字號或居留證號", "your ID number or resident certificate number"),
    "apply.need.contacts": (
        "可接收簡訊的行動電話，以及電子郵件信箱",
        "a mobile phone that receives text messages, and an e-mail address",
    ),
    "apply.need.company": (
        "公司或機關另需：統一編號、公司電話與電子郵件、印章，以及掃描器或相機",
        "for a company or public body: its company number, telephone number and e-mail address, its seals, and a "
        "scanner or camera",
    ),
    "apply.start": ("開始申請", "Start now"),
    "apply.resume": ("繼續填寫已儲存的申請", "Continue a saved application"),
    "apply.resume_this": ("繼續填寫案件 {number}", "Continue application {number}"),
    "apply.unfinished": ("此電腦上未完成的申請", "Unfinished applications on this computer"),
    "apply.begun": ("，{at} 建立", ", started {at}"),
    "apply.start_another": ("另外申請一件", "Start another application"),
    "apply.another": (
        "您在此電腦上還有未完成的申請。另外申請一件不會影響它。",
        "You have an unfinished application on this computer. Starting another one does not affect it.",
    ),
    "apply.see_unfinished": ("查看未完成的申請", "See your unfinished applications"),
    "apply.identity_type": ("請選擇身分別", "What type of applicant are you?"),
    "apply.case_number": ("案件編號 {number}", "Case number {number}"),
    "apply.keep_number": (
        "請記下案件編號，之後可用它繼續填寫或查詢目前審核進度。",
        "Keep the case number. You need it to continue later or to check case progress.",
    ),
    "apply.unproved": (
        "驗證電子郵件或行動電話之後，才能用案件編號從其他裝置繼續；在那之前，請在這個瀏覽器繼續填寫。",
        "Until an e-mail or a mobile number is confirmed, you can only continue in this browser. "
        "After that, the case number opens your application anywhere.",
    ),
    "company.as_registered": (
        "登記證明上的統一編號確實如此，請審核人員查核",
        "The number stands so on the registration; please look it up",
    ),
    "company.as_registered_mark": (
        "（檢查碼不符，申請人表示登記如此，請查核）",
        " (fails the check digit; the applicant says it is registered so: please look it up)",
    ),
    "check.unchanged": ("內容不變，仍要重新送出", "Submit it again without changes"),
    "apply.tasks": ("申請步驟", "Your application, step by step"),
    "apply.done": ("已完成", "Completed"),
    "apply.todo": ("未完成", "To do"),
    "apply.outdated": ("需更新", "Needs updating"),
    "apply.method": ("註冊方式", "How you want to register"),
    "apply.method.email": ("以電子郵件註冊", "Register by e-mail"),
    "apply.method.note": (
        "自然人憑證與工商憑證註冊尚未開放。",
        "You cannot register with a certificate card yet.",
    ),
    "apply.agree": (
        "我已閱讀並同意「航港單一窗口服務平臺蒐集、處理及利用個人資料告知書」",
        "I have read and agree to the privacy notice of the MTNet Maritime Single Window",
    ),
    "apply.same_email": (
        "與公司電子郵件相同時，不必重複驗證。",
        "If it is the same as the company's address, you do not need to confirm it again.",
    ),
    "code.title": ("驗證{contact}", "Confirm {contact}"),
    "code.before": (
        "我們會以{channel}將 6 位數驗證碼傳送至 {value}，10 分鐘內有效。",
        "We will send a 6-digit code by {channel} to {value}. It is valid for 10 minutes.",
    ),
    "code.send": ("傳送驗證碼", "Send code"),
    "code.sent": ("驗證碼已傳送至 {value}。", "The code has been sent to {value}."),
    "code.sent_at": (
        "驗證碼已於 {at} 傳送至 {value}，{until} 前有效。",
        "The code was sent to {value} at {at}. It is valid until {until}.",
    ),
    "code.again_from": ("{at} 起可以重新傳送。", "You can ask for a new code from {at}."),
    "code.label": ("驗證碼", "Code"),
    "code.hint": ("6 位數字", "6 digits"),
    "code.verify": ("驗證", "Confirm"),
    "code.not_received": ("沒有收到驗證碼？", "Didn't get a code?"),
    "code.again": ("重新傳送驗證碼", "Send a new code"),
    "code.correct": ("修改聯絡資料", "Change your contact details"),
    "code.verified": ("已驗證", "Confirmed"),
    "form.title": ("帳號申請表", "Application form"),
    "form.step1": ("下載帳號申請表", "Download the application form"),
    "form.step1_text": (
        "帳號申請表由您填寫的資料產生，印有案件編號與 QR Code。",
        "The application form is filled in with your answers and shows the case number and a QR code.",
    ),
    "form.download": ("下載帳號申請表（PDF）", "Download the application form (PDF)"),
    "form.unprintable": ("部分字元無法列印", "Some characters cannot be printed"),
    "form.unprintable_text": (
        "系統會完整保存您填寫的內容；帳號申請表上則以字元的編碼代替。您可以在列印後，於編碼旁以手寫填上正確的字，不影響"
        "申請。",
        "Your answers are kept as you typed them. The application form shows the code of each of these characters "
        "instead. You may write the character by hand next to its code on the printed form. This does not hold up "
        "your application.",
    ),
    "form.step2": ("列印並用印", "Print and stamp it"),
    "form.step2_text": (
        "請加蓋公司（機關）大章與負責人章。",
        "Stamp it with the organisation's seal and the seal of the person in charge.",
    ),
    "form.step3": ("掃描或拍照後上傳", "Scan or photograph it, then upload it"),
    "form.file": ("選擇檔案", "Choose a file"),
    "form.file_hint": (
        "PDF、JPG 或 PNG，10 MB 以內，最多 20 頁",
        "PDF, JPG or PNG, up to 10 MB and 20 pages",
    ),
    "form.upload": ("上傳", "Upload"),
    "form.uploaded": ("已上傳：{name}（{size}，{pages} 頁）", "Uploaded: {name} ({size}, pages: {pages})"),
    "form.outdated": (
        "您變更過資料，這份帳號申請表已不是最新內容。請重新下載、用印並上傳。",
        "You have changed your answers since this application form was made. Download it again, stamp it and "
        "upload it.",
    ),
    "form.recognised": (
        "已讀到 QR Code：這是案件 {number} 的帳號申請表。",
        "The QR code was read: this is the application form of case {number}.",
    ),
    "form.not_recognised": (
        "系統讀不到這份檔案上的 QR Code，無法確認它是本案的帳號申請表。若檔案正確，可以用較高的解析度、拍到整頁後重新上"
        "傳，審核會較快；也可以直接繼續，由審核人員核對表上的內容識別碼。",
        "No QR code could be read, so it is not certain that this is the application form of your case. If it is, a "
        "sharper scan of the whole page makes the review quicker. You can also go on as it is: the reviewer will "
        "compare the fingerprint printed on the form.",
    ),
    "form.is_this_it": ("這是您已用印的帳號申請表嗎？", "Is this your stamped application form?"),
    "form.look": (
        "請確認整頁都看得到，印章與文字清楚。",
        "Check that the whole page can be seen, and that the seals and the text are clear.",
    ),
    "form.preview": ("您上傳的檔案第一頁", "The first page of the file you uploaded"),
    "form.yes": ("是，繼續", "Yes, continue"),
    "form.another": ("不是，改傳另一個檔案", "No, upload another file"),
    "form.not_reachable": (
        "請先驗證一項聯絡資料（電子郵件或行動電話），就可以下載及上傳帳號申請表。",
        "Verify one contact first, an e-mail address or a mobile number. Then you can download and upload the "
        "application form.",
    ),
    "form.verify": ("驗證聯絡資料", "Verify a contact"),
    "form.remove": ("移除檔案", "Remove the file"),
    "form.not_ready": (
        "請先完成基本資料，才能產生帳號申請表。",
        "Complete your answers first. The application form is made from them.",
    ),
    "check.title": ("送出前請確認", "Check your answers"),
    "check.not_yet": (
        "申請尚未送出。確認無誤後，請按最下方的按鈕送出。",
        "Your application has not been submitted yet. Check it, then submit it at the end of this page.",
    ),
    "check.missing": ("送出前還需要完成：", "Before you can submit, you still need to:"),
    "check.declare": ("以上所填資料均與事實相符。", "The information I have given is true."),
    "check.submit": ("送出申請", "Submit application"),
    "check.resubmit": ("重新送出", "Submit again"),
    "check.changed": ("已修改", "Changed"),
    "missing.section": ("填寫「{section}」", "Fill in: {section}"),
    "missing.contact": ("驗證{contact}", "Confirm {contact}"),
    "missing.form": ("上傳已用印的帳號申請表", "Upload the stamped application form"),
    "missing.form_outdated": (
        "重新上傳帳號申請表（內容已變更）",
        "Upload the application form again (your answers have changed)",
    ),
    "receipt.title": ("申請已送出", "Application submitted"),
    "receipt.number": ("案件編號", "Your case number"),
    "receipt.at": ("收件時間", "Received"),
    "receipt.next": ("接下來", "What happens next"),
    "receipt.next1": (
        "確認信已寄送至您的電子郵件；收執聯可在此列印或下載。",
        "A confirmation is on its way to your e-mail address. You can print or download the receipt here.",
    ),
    "receipt.next2": (
        "審核單位收到案件後會開始審核；需要補正時會退件並說明原因。",
        "The unit in charge reviews your application. If something has to be corrected, it returns the "
        "application and tells you why.",
    ),
    "receipt.next3": (
        "核准後，您會收到啟用帳號的連結。",
        "Once it is approved, you will get a link to activate your account.",
    ),
    "receipt.pdf": ("下載收執聯（PDF）", "Download the receipt (PDF)"),
    "receipt.print": ("列印本頁", "Print this page"),
    "receipt.follow": ("查詢目前審核進度", "Check case progress"),
    # Following
    "case.title": ("查詢目前審核進度", "Check case progress"),
    "case.lead": (
        "輸入案件編號或身分證字號。若資料相符，我們會將驗證碼傳送至申請時驗證過的電子郵件或行動電話。",
        "Enter the case number or your ID number. If there is such a case, we will send a code to an e-mail "
        "address or mobile number that was confirmed in it.",
    ),
    "case.query": ("案件編號或身分證字號", "Case number or ID number"),
    "case.query_hint": (
        "案件編號例如 PTAPPLY936EC90162340",
        "A case number looks like this: PTAPPLY936EC90162340",
    ),
    "case.send": ("傳送驗證碼", "Send code"),
    "case.code_sent_at": (
        "若資料相符，驗證碼已於 {at} 傳送至申請時驗證過的電子郵件或行動電話，{until} 前有效。",
        "If there is such a case, a code was sent at {at} to an e-mail address or mobile number that was confirmed "
        "in it. It is valid until {until}.",
    ),
    "case.code_title": ("輸入驗證碼", "Enter the code"),
    "case.code_lead": (
        "若資料相符，驗證碼已傳送至申請時驗證過的電子郵件或行動電話，10 分鐘內有效。",
        "If there is such a case, we have sent a code to an e-mail address or mobile number that was confirmed "
        "in it. The code is valid for 10 minutes.",
    ),
    "case.opened": ("此電腦上已開啟的案件", "Open on this computer"),
    "case.others": ("您的其他案件", "Your other cases"),
    "case.left": (
        "已在此電腦關閉案件。之後輸入案件編號，即可再次開啟。",
        "The case is closed on this computer. Enter its number to open it again.",
    ),
    "case.heading": ("案件 {number}", "Case {number}"),
    "case.status": ("狀態", "Status"),
    "case.type": ("身分別", "Applicant type"),
    "case.submitted_at": ("送件時間", "Submitted"),
    "case.updated_at": ("最後更新", "Last change"),
    "case.unit": ("目前審核單位", "Now with"),
    "case.stage": ("第 {stage} 關，共 {stages} 關", "Stage {stage} of {stages}"),
    "case.due": ("預計完成日", "Expected by"),
    "case.steps": ("辦理歷程", "Progress"),
    "case.step.at": ("時間", "Time"),
    "case.step.what": ("狀態", "What happened"),
    "case.step.unit": ("單位", "Unit"),
    "case.step.note": ("說明", "Remarks"),
    "case.step.resubmitted": ("重新送件（第 {submission} 次）", "Resubmitted (submission {submission})"),
    "case.returned": ("案件已退回，請修改後重新送出", "Your application was returned. Please correct it"),
    "case.returned_text": (
        "請於 {date} 前修改標示的項目並重新送出，案件編號不變。",
        "Correct what is marked and submit it again by {date}. The case number stays the same.",
    ),
    "case.reasons": ("需要修改的項目", "What you need to change"),
    "case.note": ("審核單位說明", "Message from the reviewing unit"),
    "case.correct": ("修改並重新送出", "Correct and submit again"),
    "case.rejected": ("申請未獲核准", "Your application was not approved"),
    "case.rejected_text": (
        "您可以重新申請。如有疑問，請洽客服專線。",
        "You can apply again. If you have questions, call the helpdesk.",
    ),
    "case.approved": ("申請已核准", "Your application is approved"),
    "case.approved_text": (
        "啟用連結已寄送至您的電子郵件，7 天內有效。",
        "An activation link has been sent to your e-mail address. It is valid for 7 days.",
    ),
    "case.activated_text": ("帳號已啟用，請直接登入。", "Your account is active. You can log in."),
    "case.reissue": ("重新寄送啟用連結", "Send a new activation link"),
    "case.reissued": (
        "新的啟用連結已寄出，舊連結已失效。",
        "A new activation link is on its way. The old one no longer works.",
    ),
    "case.refresh": ("重新整理狀態", "Refresh"),
    "case.withdraw": ("撤回申請", "Withdraw the application"),
    "case.withdraw_title": ("確定要撤回申請嗎？", "Withdraw this application?"),
    "case.withdraw_text": (
        "撤回後案件即結束，不能恢復；您可以隨時重新申請，帳號名稱也可再使用。",
        "Withdrawing closes the case for good. You can apply again at any time and use the same account name.",
    ),
    "case.withdraw_yes": ("撤回", "Withdraw"),
    "case.withdraw_no": ("不撤回", "Keep the application"),
    "case.withdrawn": (
        "這個申請已結案，不再審核。原因與時間請見下方歷程。",
        "This application is closed and no longer under review. The history below shows why and when.",
    ),
    "case.form_view": ("查看上傳的帳號申請表", "See the uploaded application form"),
    # Leaving, and coming back
    "leave.text": (
        "使用公用或他人的電腦？離開前請關閉案件，以免下一位使用者看到您的資料。",
        "Not your own computer? Close the case before you leave, so that the next person cannot see it.",
    ),
    "leave.button": ("結束並關閉此案件", "Close this case on this computer"),
    "leave.title": ("確定要結束並關閉此案件嗎？", "Close this case on this computer?"),
    "leave.unproved": (
        "您還沒有驗證任何電話或電子郵件，關閉後將無法再開啟這份草稿，需重新填寫。",
        "You have not confirmed a mobile number or e-mail address yet. Once closed, this draft cannot be opened "
        "again, and you would have to start over.",
    ),
    "leave.yes": ("結束並關閉", "Close the case"),
    "leave.no": ("繼續填寫", "Go back and continue"),
    "closed.title": ("請確認是您本人", "Confirm it's you"),
    "closed.text": (
        "這個案件目前沒有在此電腦上開啟：可能已逾時，或已在另一個視窗關閉。我們會將驗證碼傳送至申請時驗證過的電子"
        "郵件或行動電話，輸入後即可繼續。",
        "This case is not open on this computer: its time ran out, or it was closed in another window. We will "
        "send a code to an e-mail address or mobile number that was confirmed in it. Enter the code to continue.",
    ),
    "closed.kept": (
        "您剛才輸入的內容沒有遺失，驗證後會回到原來的頁面。請不要關閉這個視窗。",
        "What you typed is not lost: once you have entered the code, you come back to your page. Keep this "
        "window open.",
    ),
    "closed.unproved": (
        "若幾分鐘內沒有收到驗證碼，表示這份草稿還沒有驗證過的聯絡方式，請重新開始申請。",
        "If no code arrives within a few minutes, no contact was confirmed in this draft. Please start again.",
    ),
    "kept.along": (
        "您剛才輸入的內容還在，驗證後會回到原來的頁面。",
        "What you typed is still there. You will come back to it.",
    ),
    "kept.back": (
        "您剛才輸入的內容都還在，但尚未儲存。請核對後按下按鈕。",
        "What you typed is still there, but not saved yet. Check it, then press the button.",
    ),
    "elsewhere.title": ("另一個視窗儲存的內容", "What another window saved"),
    "elsewhere.text": (
        "下方表單是您在這個視窗輸入的內容，尚未儲存；按「繼續」會以它取代。",
        "The form below holds what you typed here. It is not saved yet; Continue replaces what is listed.",
    ),
    "elsewhere.keep": ("保留另一個視窗的內容", "Keep what the other window saved"),
}
