"""What receipts print: fee names with their English, heads, labels. Independent of the product's own lexicon."""

FEES: tuple[tuple[str, str, str], ...] = (
    ("診察費", "Consultation Fee", "both"), ("門診診察費", "OPD Consultation", "nhi"), ("病房費", "Ward Fee", "both"),
    ("護理費", "Nursing Fee", "both"), ("管灌膳食費", "Tube Feeding Fee", "nhi"), ("檢查費", "Examination Fee", "both"),
    ("檢驗費", "Laboratory Fee", "both"), ("超音波檢查費", "Ultrasound Fee", "both"),
    ("內視鏡檢查費", "Endoscopy Fee", "both"), ("心電圖檢查費", "ECG Fee", "both"), ("病理檢查費", "Pathology Fee", "both"),
    ("核醫檢查費", "Nuclear Medicine Fee", "both"), ("放射線診療費", "Radiology Fee", "both"), ("X光費", "X-Ray Fee", "both"),
    ("電腦斷層費", "CT Scan Fee", "both"), ("磁振造影費", "MRI Fee", "both"), ("放射治療費", "Radiotherapy Fee", "nhi"),
    ("治療處置費", "Treatment Fee", "both"), ("手術費", "Surgery Fee", "both"), ("復健治療費", "Rehabilitation Fee", "both"),
    ("物理治療費", "Physical Therapy Fee", "both"), ("血液血漿費", "Blood/Plasma Fee", "both"),
    ("血液透析費", "Hemodialysis Fee", "nhi"), ("麻醉費", "Anesthesia Fee", "both"), ("麻醉技術費", "Anesthesia Service", "both"),
    ("特殊材料費", "Special Material Fee", "both"), ("衛材費", "Supplies Fee", "both"), ("材料費", "Material Fee", "both"),
    ("藥費", "Medicine Fee", "both"), ("藥事服務費", "Pharmacy Service Fee", "nhi"), ("注射技術費", "Injection Fee", "both"),
    ("精神治療費", "Psychiatric Treatment Fee", "nhi"), ("嬰兒費", "Infant Fee", "both"), ("呼吸治療費", "Respiratory Care Fee", "both"),
    ("輸血費", "Transfusion Fee", "both"), ("石膏費", "Cast Fee", "both"), ("牙科處置費", "Dental Treatment Fee", "both"),
    ("傷科處置費", "Traumatology Fee", "nhi"), ("急診診察費", "Emergency Consultation", "both"), ("會診費", "Inter-dept Consultation", "nhi"),
    ("加護病房費", "ICU Ward Fee", "both"), ("化學治療費", "Chemotherapy Fee", "both"), ("技術費", "Technical Fee", "both"),
)  # fmt: skip
"""(Chinese, English, who pays)."""
OWN_FEES: tuple[tuple[str, str], ...] = (
    ("掛號費", "Registration Fee"), ("證明書費", "Certificate Fee"), ("診斷證明書費", "Medical Certificate"),
    ("病房費差額", "Ward Difference"), ("病房費(雙人房3天)", "Room Charge (2-bed)"), ("病房費差額(單人房2天)", "Private Room"),
    ("膳食費", "Meal Fee"), ("伙食費共計5日", "Diet Fee"), ("特別護士費", "Private Nurse Fee"), ("電話費", "Telephone Fee"),
    ("救護車費", "Ambulance Fee"), ("自費藥費", "Self-paid Medicine"), ("自費特材差額", "Material Difference"),
    ("病歷複製費", "Chart Copy Fee"), ("健保IC卡工本費", "IC Card Fee"), ("疫苗費", "Vaccine Fee"), ("營養品費", "Nutrition Fee"),
    ("影像光碟費", "Image Disc Fee"), ("美容處置費", "Aesthetic Fee"), ("陪伴床費", "Companion Bed Fee"), ("其他費用", "Other Fee"),
    ("光碟拷貝費", "CD Copy Fee"), ("指定醫師費", "Appointed Doctor Fee"),
)  # fmt: skip
"""Never paid by the NHI."""
LONG_FEES: tuple[tuple[str, str], ...] = (
    ("放射/化學/其他\n治療費", "both"), ("治療儀器及設施\n使用費", "both"), ("住院整合照護\n輔佐服務費", "self"),
    ("加護病房個人\n衛生用品費", "self"), ("血液暨血液成分\n處理費", "both"), ("特殊材料費\n(手術用)", "both"),
)  # fmt: skip
"""Names that a narrow column breaks."""
COPAYMENTS = (
    "基本部分負擔",
    "藥品部分負擔",
    "檢驗檢查部分負擔",
    "復健部分負擔",
    "急診部分負擔",
    "門診部份負擔",
    "藥費部分負擔",
)

NHI_HEADS = ("健保點數", "健保給付", "健保申報點數", "申報點數", "健保(點)", "NHI", "健保", "健保金額", "健保費用", "健保點數(含部分負擔)",
             "健保申報", "健保給付點數", "全民健保", "健保費用(點)")  # fmt: skip
OWN_HEADS = ("自費金額", "自付金額", "自費(元)", "個人負擔", "Self Pay", "病患自付", "自費", "自費費用", "自付費用", "自費額", "患者自付", "自費小計",
             "病人自付額")  # fmt: skip
NAME_HEADS = ("項目", "費用項目", "收費項目", "項目名稱", "項 目", "醫療費用項目", "品名", "費用別", "科目", "名稱")
COPAY_HEADS = ("部分負擔", "部份負擔", "部分負擔金額", "健保部分負擔")
SUM_HEADS = ("合計", "小計", "金額合計", "總金額", "總額")
QUANTITY_HEADS, PRICE_HEADS, DAY_HEADS = ("數量", "總量", "次數"), ("單價", "單價(元)"), ("天數", "日數")
DISCOUNT_HEADS, CODE_HEADS = ("優待", "折扣", "減免", "優免金額"), ("代碼", "編號", "序號", "No.")
NHI_SECTIONS = (
    "健保項目",
    "健保申報項目",
    "健保給付項目",
    "全民健康保險給付項目",
    "健保費用明細",
    "一、健保項目",
    "【健保】",
    "健保項目(點數)",
)
OWN_SECTIONS = (
    "自費項目",
    "自付費用項目",
    "自費費用",
    "病患自費項目",
    "自費明細",
    "二、自費項目",
    "【自費】",
    "自費項目(元)",
)
SUM_ROWS = ("合計", "合 計", "總計", "小計")
PART_ROWS = ("小計", "小 計", "診療小計", "藥材小計")

HOSPITALS = ("長庚醫療財團法人林口長庚紀念醫院", "臺北榮民總醫院", "中國醫藥大學附設醫院", "彰化基督教醫院", "奇美醫院", "國泰綜合醫院", "馬偕紀念醫院",
             "高雄醫學大學附設中和紀念醫院", "成功大學醫學院附設醫院", "新光吳火獅紀念醫院", "亞東紀念醫院", "慈濟醫院", "聖保祿醫院", "仁愛綜合醫院", "光田綜合醫院")  # fmt: skip
CLINICS = (
    "安心診所",
    "仁德小兒科診所",
    "康健耳鼻喉科診所",
    "明光眼科診所",
    "和平牙醫診所",
    "慈恩中醫診所",
    "永福家庭醫學科診所",
    "育生婦產科診所",
)
TITLES = (
    "醫療費用收據",
    "門診醫療費用收據",
    "住院醫療費用收據",
    "急診醫療費用收據",
    "醫療費用明細收據",
    "門診收據",
    "醫療費用收據(正本)",
)
DEPARTMENTS = ("家庭醫學科", "心臟內科", "骨科", "小兒科", "神經外科", "胸腔內科", "皮膚科", "眼科", "耳鼻喉科", "婦產科", "精神科", "泌尿科", "一般外科",
               "復健科", "腎臟科", "新陳代謝科")  # fmt: skip
SURNAMES = "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高潘簡朱鍾彭游詹胡施沈余盧梁趙顏柯翁魏孫戴"
GIVEN = "家豪志明俊傑建宏雅婷怡君淑芬美玲宗翰冠宇承恩詩涵品妤佳穎文雄秀英麗華國棟欣怡惠雯柏翰子晴宥廷彥廷思妤"
CATEGORIES = ("健保", "健保一般", "一般", "榮民", "福保", "重大傷病", "健保身份")

LABELS: dict[str, tuple[str, ...]] = {
    "patient_name": ("姓名", "病患姓名", "病人姓名", "姓 名", "患者姓名"),
    "chart_number": ("病歷號碼", "病歷號", "病歷編號", "病例號碼", "病歷號數"),
    "visit_date": ("就診日期", "就醫日期", "看診日期", "門診日期"),
    "admission_date": ("入院日期", "住院日期"),
    "discharge_date": ("出院日期",),
    "department": ("科別", "就診科別", "就醫科別", "看診科別"),
    "receipt_number": ("收據號碼", "收據編號", "收據單號", "單據號碼"),
    "patient_category": ("身分別", "身份別", "就醫身分別"),
    "national_id": ("身分證字號", "身分證號", "身份證字號"),
    "birth_date": ("出生日期", "生日"),
    "doctor": ("醫師", "主治醫師", "看診醫師"),
    "visit_sequence": ("就醫序號", "健保卡序號"),
    "issue_date": ("開立日期", "列印日期"),
}
GLOSSES = {
    "patient_name": "Name", "chart_number": "Chart No.", "visit_date": "Date", "department": "Dept.", "receipt_number": "Receipt No.",
    "patient_category": "Status", "national_id": "ID No.", "birth_date": "Birth", "doctor": "Doctor", "visit_sequence": "IC No.",
    "issue_date": "Issued", "admission_date": "Admitted", "discharge_date": "Discharged",
}  # fmt: skip
TOTAL_LABELS: dict[str, tuple[str, ...]] = {
    "nhi_total": ("健保合計", "點數合計", "健保點數合計", "健保申報合計", "健保申報點數合計"),
    "copayment_total": ("部分負擔", "部份負擔金額", "部分負擔合計", "健保部分負擔"),
    "self_pay_total": ("自費合計", "自費金額合計", "自費費用合計", "自費總額"),
    "discount": ("優待金額", "減免金額", "折扣金額", "優待減免"),
    "amount_due": ("應繳金額", "應收金額", "本次應繳", "應繳總額", "應付金額"),
    "amount_paid": ("實收金額", "實繳金額", "已繳金額", "現收金額", "繳納金額"),
    "balance": ("尚欠金額", "欠款金額"),
}
NOTES = ("本收據可作為申報所得稅列舉扣除額之憑證。", "本收據請妥善保存，遺失恕不補發。", "印花稅總繳", "※部分負擔依全民健康保險法規定收取",
         "查詢專線：(02)2871-2121", "健保點數一點不等於一元，僅供參考。", "塗改或未蓋收費章者無效。", "地址：臺北市中正區中山南路7號")  # fmt: skip
