-- 個資告知書 (PDPA Art. 8) as the training handout has it, slips of the scan mended. Texts are plain: a blank line ends a
-- paragraph. A new version is a new row; whoever agreed to an older one is asked again.
INSERT INTO privacy_notice (version, effective_on, title, body) VALUES (
    '2025-02', '2025-02-01',
    jsonb_build_object(
        'zh-Hant', '航港單一窗口服務平臺蒐集、處理及利用個人資料告知書',
        'en', 'How the Maritime and Port Single Window collects, processes and uses personal data'
    ),
    jsonb_build_object(
        'zh-Hant',
'MTNet 航港單一窗口服務平臺權責管理機關為交通部航港局（以下簡稱本局），茲依據個人資料保護法（以下簡稱個資法）第 8 條第 1 項規定，向臺端告知下列事項：

一、蒐集之目的：依據法務部「個人資料保護法之特定目的及個人資料之類別」之分類，本系統蒐集臺端個人資料之目的在於提供本系統之服務，其分類如下：（一）002 人事管理。（二）109 教育或訓練行政。（教育訓練）（三）136 資（通）訊與資料庫管理。（四）148 網路購物及其他電子商務服務。（電子賀卡寄送）（五）157 調查、統計與研究分析。

二、個人資料之類別：符合法務部「個人資料保護法之特定目的及個人資料之類別」而與本系統提供服務有關之使用者個人資料類別計有：（一）C001 辨識個人者。（包含姓名、地址、電話）（二）C003 政府資料中之辨識者。（如統一編號）（三）C011 個人描述。（出生年月日、性別）（四）C038 職業。（五）C052 資格或技術。（學歷資格）（六）C061 現行之受僱情形。（工作職稱）

三、個人資料利用之期間、地區、對象及方式：（一）期間：本系統營運期間。（二）地區：本系統提供服務之地區。（三）對象：交通部航港局暨 MTNet 航港單一窗口服務平臺工作團隊所屬簽訂契約之委外廠商，以及非本服務平臺提供、但與航港業務有相關之外部系統服務。（四）方式：以書面、電子文件及資料介接等適當方式所為之利用。

四、依據個資法第 3 條規定，臺端就本系統保有臺端之個人資料得行使下列權利：（一）查詢或請求閱覽。（二）請求製給複製本。（三）請求補充或更正。（四）請求停止蒐集、處理或利用。（五）請求刪除。

五、本系統於蒐集個人資料時遇有選擇性欄位，不提供該項目之個人資料並不影響臺端任何使用系統之權益；欄位註記 * 為必填性欄位，請務必完整填寫。若該部分資料未完整提供，本系統將無法受理臺端之申請或提供相關服務。

六、臺端填具並透過傳真、郵寄或電子形式寄送此表單進行帳號或權限申請時，即代表同意上述聲明有關個人資料之使用內容，並保證所填具資料均與事實相符，否則臺端願負擔一切法律責任。

七、連結機關應依個資法及其他相關法令規定應用航政監理資料，本人願盡善良管理人之注意義務保管與維護所取得之資料，如經本局查核發現顯有異常者，應配合通知依限提出說明及改善措施。',
        'en',
'The Maritime and Port Bureau, MOTC (the Bureau), is responsible for MTNet, the Maritime and Port Single Window. Under Article 8, paragraph 1 of the Personal Data Protection Act (the Act) it informs you of the following.

1. Purposes. Your personal data are collected to provide the services of this system. In the Ministry of Justice''s classification the purposes are: (1) 002 personnel management; (2) 109 education and training administration (training courses); (3) 136 information, communication and database management; (4) 148 online shopping and other electronic commerce services (electronic greeting cards); (5) 157 surveys, statistics and research.

2. Categories. The categories of personal data needed for these services are: (1) C001 identifying an individual (name, address, telephone); (2) C003 identifiers in government records (such as the unified business number); (3) C011 personal description (date of birth, sex); (4) C038 occupation; (5) C052 qualifications and skills (education); (6) C061 present employment (job title).

3. Period, area, recipients and manner of use. (1) Period: as long as this system operates. (2) Area: where the services of this system are provided. (3) Recipients: the Bureau, the contractors of the MTNet working team, and services of external systems that are not part of this platform but are related to maritime and port affairs. (4) Manner: on paper, as electronic documents, by data exchange and in other suitable ways.

4. Your rights. Under Article 3 of the Act you may, for your personal data held by this system: (1) inquire about and review them; (2) request a copy; (3) request that they be supplemented or corrected; (4) request that their collection, processing or use be stopped; (5) request that they be deleted.

5. Optional and required fields. Leaving out data in an optional field does not affect your right to use the system. Fields marked * are required; please complete them all. Where they are incomplete, your application cannot be accepted, nor the services provided.

6. By completing this form and sending it by fax, post or electronically to apply for an account or for permissions, you agree to the use of personal data described above and warrant that all data are true; otherwise you bear the full legal responsibility.

7. Linked agencies use maritime administration data in accordance with the Act and other laws. I will keep and maintain the data obtained with the care of a good administrator. Where an inspection by the Bureau finds obvious irregularities, I will explain them and take corrective measures within the time notified.'
    )
);
