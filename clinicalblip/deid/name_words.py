"""Words that tell a person's name from the rest of a report: titles, roles, given names, and words of no name."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = _words("dr drs mr mrs ms miss mx prof professor doctor doctors herr herrn frau mme madame monsieur")
"""Words before a name, in lower case."""

PEOPLE = TITLES | _words("nurse sister señor señora senor senora signor signora sra")
"""Titles, and roles that stand before a name as a title does."""

PLURAL_TITLES = frozenset(("drs", "doctors"))

CASELESS_TITLES = _words("dr drs mrs prof professor doctor")
"""Titles that mean nothing else where they are written in lower case: `dr smith`."""

BETWEEN_TITLES = _words("med dent phil habil rer nat kollege kollegen kollegin")
"""What may stand between a title and its name: `Dr. med.`"""

ARTICLES = _words("the a an her his their your our my this another any no der die das ein eine")
"""After these, a title is only a role: `the Dr. was called`."""

RELATIVES = _words(
    "wife husband son daughter mother father brother sister partner spouse niece nephew aunt uncle friend"
)

PARTICLES = _words(
    "van von vom zu zur de del della der den di da dos das du la le el al bin ibn ben ter ten st mac mc y e"
)
"""Words inside a family name that may be in lower case."""

CREDENTIALS = _words("MD DO RN MBBS MBCHB FRCR FRCP FACR PHD LPN CNP ARNP CRNP APRN DNP NP PAC RPA RT RTR")
"""Degrees after a name, without points and hyphens."""

ONLY_AFTER_COMMA = frozenset(("DO", "NP", "RT", "RTR", "PAC", "RPA"))
"""Degrees that are words of the field as well."""

INSTITUTIONS = _words(
    "hospital university clinic center centre association society college institute foundation school church street "
    "medical memorial syndrome disease sign catheter line tube valve stent lymphoma pacemaker scientific "
    "splint rod rods graft procedure operation fracture test score"
)
"""A name before one of these is that of a thing."""

GIVEN_NAMES = _words("""
    aaron abigail adam adrian agnes ahmed albert alejandro alex alexander alexandra alfred ali alice alison amanda
    amelia amy ana anastasia andrea andreas andrew angela anita ann anna anne annette anthony antonio arthur ashley
    audrey barbara beatrice benjamin bernard bernd beth betty beverly birgit brandon brenda brian bruce bryan
    caitlin carlos caroline carolyn catherine cecilia charles charlotte cheryl christina christine christoph christopher
    claire claudia craig cynthia daniel daniela danielle david deborah debra denise dennis diana diane diego dieter
    dimitri dmitri donald donna dorothy douglas edith edward eileen elaine eleanor elena elizabeth ellen emily emma
    eric erika ernest ethan eugene eva evelyn fatima fernando fiona frances francesca francisco franz frederick
    gabriel gareth gary geoffrey george gerald gertrud giovanni gisela gloria gordon greg gregory gunther hannah hans
    harold harry heather heinz helen helga henry hiroshi howard hugo ian ibrahim ingrid irene isabel isabella ivan
    jacob jacqueline james jamie jane janet janice jason javier jean jeffrey jennifer jeremy jerry jesse jessica joan
    joanna johannes john johnny jonathan jorge jose josef joseph joshua juan juanita judith judy julia julian julie
    jürgen karen karin karl katherine kathleen kathryn katrin keith kelly kenneth kevin kimberly klaus kristen kurt
    larry laura lauren laurence lawrence leonard leroy leslie liam linda lisa lorraine louise lucia lucy luis luisa
    lydia madison magdalena manuel marcus margaret margarita maria marianne marie marilyn marion marjorie marta martha
    martin martina mary matthew matthias maureen megan melissa michael michele michelle miguel mildred mohamed mohammad
    mohammed monica monika muhammad nancy natalia natalie nathan nathaniel nicholas nicole nigel nikolai norma oliver
    olivia oscar otto pamela patricia patrick paul paula pedro peggy peter petra philip phillip phyllis priya rachel
    rafael ralph ramon raymond rebecca renate ricardo richard rita robert roberto robin rodney roger roland ronald
    rosemary roy russell ruth ryan sabine samantha samuel sandra sara sarah scott sean sebastian sergei shannon sharon
    sheila shirley simon sofia sophia sophie stanley stefan stephanie stephen steven stuart susan susanne suzanne
    sylvia tamara tanya teresa terry theodore theresa thomas tiffany timothy tobias todd tracy tyler ursula uwe
    valerie vanessa veronica victor victoria vincent virginia vladimir walter wanda wayne wendy werner william wolfgang
    xavier yolanda yusuf yvonne zachary
    """)
"""Common given names that are no word of a report: no Mark, Will, Grace, Art, Ray, Frank or Dawn."""

ORDINARY = _words("""
    a about above access accession according acute address admission admitted advised after afternoon again age aged
    agreed airway all along also am american an and anesthesia angiography angiogram anterior any ap appears are arm
    arterial arterioso as asked at atelectasis attending available aware axial back baseline basal be because before
    been being below best between biapical bibasilar bilateral biopsy birth blood board bone both bowel brain breath
    breast bronchoscopy but by bypass called calcified can cardiac cardiology cardiomegaly care case catheter cc
    center central cervical change changes chest child chronic clear clinic clinical clinically college coming
    comparison compared complete completed concern confirmed consolidation consult contacted contrast copd copy
    correlation cough could covering ct current date dated daughter day days december definite degenerative denies
    department desk diabetes diabetic diagnosis did dictated dictation direct discussed disease distress division do
    doctor does done dr drain draft due during dyspnea each ed edema effusion ekg elderly electronically emergency
    emphysema er et evaluate evaluation evening evidence exam examination excel external family father february female
    fever film films final finding findings first floor follow for fracture free friday from frontal gave general
    given gross had has have he head heart help hemoptysis her here hernia hilar him his history hospital hours house
    hypertension i icu id if imaging immediately impression in indication infection inferior informed initial
    inpatient interpretation interpreted interval into intubated is it its january joint july june just knee known
    large last lateral lead left line lines list lobe low lower lumbar lung lungs lvl main male man march mass may
    me medial medical medicine medication mediastinal mental mid middle mild minute minutes moderate monday months
    morning mother mra mrcp mri mrn mri's multiple name nausea neck negative new next night nil no nodule none normal
    not note noted notified november nurse nursing obtained october of office old on oncology one only or order
    ordering other our out outpatient outside overnight pa pacemaker page paged pain parent partner patient patients
    pediatric pelvis pending per personnel pgy pharmacy phone physician picc place placement please pleural pm
    pneumonia pneumothorax port portable positive possible posterior post pre preliminary present presented presents
    previous previously primary prior probable probably procedure progress protocol provider proximal pt pulmonary
    question r radiograph radiographs radiologist radiology rather re read reader reading reason recent received
    recommend recommended record reference referred referring regarding relayed repeat report reported reports request
    requested requests resident respiratory result results review reviewed rib right room rule said same saturday says
    scan scoliosis screening see seen september series service several severe she shoulder shortness should signed
    sinus sister small smoker so some son specialist spine spouse staff stable states status sternotomy stat stenosis
    study sunday superior supine surgeon surgery surgical suspected suspicion symptoms syndrome team technician
    technique technologist telephone that the their them then there these they this thoracic three thursday time to
    today told tomorrow transcribed trauma tube tuesday two type ultrasound unable unchanged under unit unknown until
    up upon upper upright us user value valve vascular venous ventricular verbally verified very view views visit
    wants ward was we wednesday week weeks weight well were what when where which while white who whom wife will with
    within without woman women would year years yesterday you your
    aorta aortic apical april august bases base basilar bladder borderline brachial carotid clavicle colon congestion
    coronary costophrenic diaphragm dialysis enlarged esophagus extremity femur foreign gallbladder granuloma hip
    impacted increased infiltrate infiltrates kidney kyphosis limited liver lymph mastectomy nodes nasogastric opacity
    opacities osseous osteopenia pancreas pericardial prostate rectal renal rotated scarring sepsis shift silhouette
    skull soft spleen stomach thorax tissue trachea tracheal tracheostomy tumor vein vena vertebral wound wrist
    absent additional adult airspace asthma blunting body bronchitis cancer carcinoma cavity chf chill chills collapse
    compression congestive crackles decreased dense density diffuse dilated discharge disorder distal dose dyspnoea
    elevated emergent endotracheal enteric excluded exposure extensive failure fall fat fluid focal foci follow-up
    gastric granulomatous hyperinflation improved improvement inspiration interstitial intact intensive lesion level
    limits linear lobar lymphoma malignancy marked markings median mediastinum metastasis metastatic minimal minor
    myocardial nodular oedema obscured obstruction overlying overread patchy persistent position predominantly
    prominent projection questionable radiation reduced remains removal removed residual resolved retrocardiac
    scattered seizure sided significant slight spondylosis spur stent stroke subsegmental suggestive tip tortuous
    tuberculosis unremarkable vasculature volume volumes worsened worsening zone
    acc age ages dob dx hx mrns nhs ssn sex studies tel
    befund beurteilung patientin patient vorgeschichte thorax mit ohne und seit bei zum zur nach
    """)
"""Words of a report, which are no name even with a capital: what a sentence goes on with after a title."""

MEDICAL_ENDINGS = (
    "itis",
    "osis",
    "graphy",
    "gram",
    "logy",
    "scopy",
    "ectomy",
    "tion",
    "opathy",
    "emia",
    "aemia",
    "ity",
)
"""Endings of medical words, which names rarely have."""
