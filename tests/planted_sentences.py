"""Sentences as readers type them, with what identifies somebody marked, and sentences that only look like it.

A mark is {kind:words}, with the kind's first word: name, birth, phone, record, email, address. All people, numbers and
places are made up. `TUNING` is what the rules were written against, `HELD_OUT` what they were measured on once. In `UNMARKED` stands what
rules cannot tell from other words: names with no title, label or common given name beside them, and numbers of no
known form. They are there to say how little of that is found.
"""

import re
from dataclasses import dataclass

from clinicalblip.radiology.identifiers import IdentifierKind

_KINDS = {
    "name": IdentifierKind.NAME,
    "birth": IdentifierKind.BIRTH_DATE,
    "phone": IdentifierKind.PHONE,
    "record": IdentifierKind.RECORD_NUMBER,
    "email": IdentifierKind.EMAIL,
    "address": IdentifierKind.ADDRESS,
}
_MARK = re.compile(r"\{(" + "|".join(_KINDS) + r"):([^{}]+)\}")


@dataclass(frozen=True)
class Planted:
    """A sentence and the identifiers in it, each as kind, start and end; none in a sentence that only looks like it."""

    text: str
    identifiers: tuple[tuple[IdentifierKind, int, int], ...]


def read_marks(marked: str) -> Planted:
    """Take the marks out of a sentence."""
    text, places, last = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[last : mark.start()]
        places.append((_KINDS[mark[1]], len(text), len(text) + len(mark[2])))
        text += mark[2]
        last = mark.end()
    return Planted(text + marked[last:], tuple(places))


TUNING = tuple(
    read_marks(line)
    for line in (
        # names
        "Findings were discussed with Dr. {name:Harper} at 14:30.",
        "Dr {name:Priya Raman} was notified of the pneumothorax.",
        "Mr. {name:Thomas Whitfield} presents with three days of cough.",
        "Mrs {name:O'Connell} fell in her kitchen.",
        "Ms. {name:Abernathy-Cole}, known COPD.",
        "Prof. {name:Lindqvist} asks for a lateral view.",
        "Herr {name:Klaus Brandmeier}, Zustand nach Bypass.",
        "Frau {name:Özdemir} klagt über Husten.",
        "Patient: {name:Doe, John}",
        "Patient name: {name:HOLLOWAY, MARGARET A}",
        "Name: {name:Gustavo Peralta}",
        "DICTATED BY: {name:LEONARD FISK}, M.D.",
        "Electronically signed by {name:Naomi Castellanos} on 3/4/2010.",
        "{name:DOE^JOHN^Q} chest PA and lateral.",
        "Prior film of {name:VAN^DER BERG} is not available.",
        "Read by {name:Samuel Okafor}, MD.",
        "Drs. {name:Miller} and {name:Yamamoto} reviewed the images.",
        "Referring physician: {name:Beatrice Nolan}",
        "Results called to {name:Karen Whitlock}, RN in the ICU.",
        "{name:Robert Delacroix} is a 45-year-old man with chest pain.",
        "His wife {name:Eleanor} reports fever since Monday.",
        "dr {name:mcallister} wants to exclude effusion.",
        "Attending: {name:J. R. Pemberton}",
        "PATIENT: {name:KOWALSKI, ANDRZEJ} 67M SHORTNESS OF BREATH",
        "The nurse called Dr. {name:van der Meer} at once.",
        "{name:Smith, Jennifer}: follow up of left lower lobe pneumonia.",
        "Technologist: {name:Denise Barlow}",
        "Compared with the outside film that Miss {name:Tanaka} brought.",
        "cc: Dr. {name:Aaron Feldstein}, Pulmonary Clinic",
        "Reported to Doctor {name:Ngozi Adeyemi} by telephone.",
        # dates of birth
        "DOB: {birth:03/12/1956}",
        "D.O.B. {birth:12-MAR-1956}, cough.",
        "Date of birth {birth:1956-03-12}; dyspnea.",
        "She was born on {birth:12 March 1956} and has had asthma since childhood.",
        "Born {birth:March 12, 1956}, smoker.",
        "geb. {birth:12.03.1956}, Dyspnoe seit gestern",
        "Geburtsdatum: {birth:1.7.48}",
        "Patient DOB {birth:19560312} fever",
        "Birthdate: {birth:7/4/76}.",
        "date of birth is {birth:Feb. 3rd, 1981}",
        "born {birth:11 Nov 1939} with congenital heart disease",
        "67 year old (DOB {birth:5/6/1952}) with weight loss",
        # phones
        "Please call {phone:(555) 123-4567} with results.",
        "Phone {phone:555-867-5309} when done.",
        "Contact number {phone:+44 20 7946 0958}.",
        "Results were called to {phone:1-800-555-0199}.",
        "Tel: {phone:030 1234567}",
        "Daughter can be reached at {phone:07700 900123}.",
        "pager {phone:4471}",
        "Fax: {phone:555.010.7788}",
        "Rückruf unter {phone:+49 (0)171 2345678} erbeten.",
        "Call the ward at {phone:ext. 55123} please.",
        "mobile {phone:5550107788}",
        "Telephone {phone:555-0142} after five.",
        # record numbers
        "MRN: {record:00456789}",
        "MRN {record:12-34-56}, chest pain",
        "Patient ID: {record:AB123456}",
        "Accession no. {record:2010-CR-004521}",
        "Accession number: {record:A10045678}",
        "SSN {record:078-05-1120}",
        "NHS number {record:943 476 5919}",
        "Case No. {record:88123}",
        "medical record number {record:7781234}, history of TB",
        "Hospital no: {record:K99123}",
        "Acct # {record:55501234}",
        "Fallnummer {record:4711081}",
        "Prior study {record:1.2.840.113619.2.55.3.2831164355.781} is missing.",
        "Seen before under {record:H0045122871}.",
        # e-mail
        "Send the report to {email:jane.harper@example.org}.",
        "Contact: {email:s.okafor+xr@radiology.hospital.example.com}",
        "E-mail <{email:ward_7b@klinikum-nord.de}> for questions",
        "please mail {email:KWHITLOCK@EXAMPLE.COM} the result",
        "mailto:{email:m.brandmeier@praxis.example.de}",
        "Questions: {email:o'connell@example.ie}",
        # addresses
        "Lives at {address:742 Evergreen Terrace, Springfield, IL 62704}.",
        "Home: {address:1600 Pine Street, Apt 4B}.",
        "Send films to {address:PO Box 4411}.",
        "Address: {address:12 Oak Lane, Little Whinging}",
        "Resident of {address:221B Baker Street, London NW1 6XE}, falls.",
        "wohnhaft {address:Hauptstraße 12, 10115 Berlin}",
        "The patient moved to {address:Austin, TX 78701} last year.",
        "habite {address:12 rue de la Paix, Paris}",
        "{address:48 N. Highland Ave.} is the mailing address.",
        "Group home at {address:9 Mill Rd}; aspiration risk.",
        # only looks like it
        "Dr. notified at the time of dictation.",
        "The doctor was informed of the finding.",
        "Kerley B lines are present at both bases.",
        "Swan-Ganz catheter tip in the main pulmonary artery.",
        "A Hampton hump would suggest infarction.",
        "Dobhoff tube with its tip in the stomach.",
        "Right Port-A-Cath ends in the SVC.",
        "Chilaiditi syndrome is noted incidentally.",
        "Comparison: XXXX, XXXX.",
        "Dr. XXXX was notified by XXXX at XXXX hours.",
        "A 3.2 x 4.5 cm mass in the right upper lobe.",
        "45-year-old male with cough.",
        "Compression fractures of T4-T5 and T12-L1.",
        "Examination of 14:30 hours, compared to 08:15.",
        "St. Jude pacemaker with leads in right atrium and ventricle.",
        "New York Heart Association class III.",
        "Compared to 3/4/2010, no interval change.",
        "Comparison: Chest radiograph dated March 12, 2010.",
        "MR angiography of the chest from 2009.",
        "MS patient with aspiration.",
        "Heart size 15.5 cm, cardiothoracic ratio 0.52.",
        "WBC 12000, platelets 150000, troponin 0.04.",
        "ICD 9 codes 746.3, 746.02.",
        "786.50 chest pain, 786.05 shortness of breath.",
        "The patient was born premature at 28 weeks.",
        "Blood pressure 120/80, pulse 96, SpO2 94%.",
        "Patient: 63 year old female",
        "Patient rotated to the left; low lung volumes.",
        "PA AND LATERAL VIEWS OF THE CHEST. NO PRIOR.",
        "Signed out to the night team.",
        "Left lower lobe atelectasis, Right pleural effusion.",
        "Fleischner Society guidelines recommend follow up in 6-12 months.",
        "Status post CABG x 4 in 1998.",
        "Bochdalek hernia on the left, Morgagni hernia on the right.",
        "Known Hodgkin lymphoma and Wegener granulomatosis.",
        "IMPRESSION: 1. Normal chest. 2. No pneumothorax.",
        "Discussed with Emergency Department.",
        "Window 2048 width 4095, 2544 x 3056 pixels, 0.143 mm.",
        "Nodule in segment S6, unchanged since 2007-05-14.",
        "Case discussed at tumor board; case 3 of 5.",
    )
)

HELD_OUT = tuple(
    read_marks(line)
    for line in (
        # names
        "Critical result relayed to Dr. {name:Sofia Marchetti} at 02:10.",
        "Dr. {name:Chowdhury} requests a repeat film.",
        "Mr {name:Bartholomew Finch}, two weeks after lobectomy.",
        "Mrs. {name:Guadalupe Ibarra-Torres} has night sweats.",
        "Ms {name:Leung} is on anticoagulants.",
        "Professor {name:Hallgrimsson} will see the patient tomorrow.",
        "Frau {name:Ilse Rademacher} mit bekannter COPD",
        "Herr Dr. med. {name:Jochen Vogt} bittet um Kontrolle.",
        "Patient: {name:Ramirez, Luisa M.}",
        "Pt name: {name:Desmond Akintola}",
        "NAME: {name:THORNBURY, ALICE}",
        "Dictated by {name:Hector Villanueva}, MD",
        "SIGNED BY: {name:R. K. SUBRAMANIAN}",
        "Interpreted by: {name:Fiona MacLeod}",
        "{name:KIM^SOO JIN} portable AP",
        "{name:Nguyen^Thanh^^Mr} prior from 2008",
        "Radiologist: {name:Pieter de Vries}",
        "Paged Dr. {name:Olufemi}, who will call back.",
        "Ordering provider: {name:Tamsin Blackwood}, NP",
        "{name:Michael Stavros} was admitted with fever.",
        "Her daughter {name:Rosalind} gave the history.",
        "PATIENT NAME {name:BUCKLEY, SEAMUS} CHEST PAIN",
        "Findings conveyed to {name:Andrea Kessler}, RN.",
        "dr {name:petrov} asked for comparison with the CT.",
        "Transcribed by: {name:L. Quintero}",
        "Drs. {name:Hathaway} and {name:Bose} concur.",
        "{name:Patricia Lindholm}, M.D.",
        "Verified by {name:Omar Haddad}.",
        "Nurse {name:Fitzgerald} confirmed the tube position.",
        "Next of kin: {name:Walter Greenaway}",
        # dates of birth
        "DOB {birth:8/22/1961}, hemoptysis.",
        "Date of Birth: {birth:22-Aug-1961}",
        "born {birth:22.08.1961} in Hamburg",
        "Birth date: {birth:1961/08/22}",
        "He was born on {birth:August 22nd, 1961}.",
        "geboren am {birth:3. Mai 1944}",
        "DOB={birth:08221961}",
        "D.O.B: {birth:22/8/61}",
        "d.o.b. {birth:22 Aug 61} chronic cough",
        "Birthday {birth:Aug 22}; 63 years.",
        "The patient (born {birth:08/1961}) has CF.",
        "date of birth: {birth:2 January 2003}",
        # phones
        "Ring {phone:0161 496 0752} if urgent.",
        "Call back number is {phone:(212) 555-0147}.",
        "Cell: {phone:212-555-0193}",
        "tel. {phone:+1 212 555 0123}",
        "Hausarzt erreichbar unter {phone:089/1234567}.",
        "phoned {phone:555 0162} at noon",
        "Beeper {phone:20417}",
        "{phone:212.555.0188} is the office line.",
        "Phone: {phone:0049 30 901820}",
        "Contact the son on {phone:+353 85 0123456}.",
        "x-ray reading room, {phone:x4-5512}.",
        "Mobile number: {phone:07911 123 456}",
        # record numbers
        "MRN#{record:3349021}",
        "MR# {record:118-22-09}",
        "Medical Record No.: {record:H55120}",
        "Pt ID {record:99871}",
        "Accession: {record:CR20100045}",
        "ACC# {record:5512034}",
        "Social Security Number {record:219-09-9999}",
        "NHS No: {record:401 023 2137}",
        "case number {record:2009-1187}",
        "Order number {record:ORD778120}",
        "Encounter {record:10022345}",
        "Patienten-ID: {record:0815-4711}",
        "Insurance ID {record:W2210034587}",
        "Old film is filed under {record:20044871}.",
        # e-mail
        "Reply to {email:t.blackwood@clinic.example.co.uk} today.",
        "{email:reading-room@example-hospital.org} has the priors",
        "Results to {email:Fiona.MacLeod@Example.EDU}, thanks",
        "({email:omar99@example.net})",
        "email: {email:x@y.example}",
        "cc {email:andrea_kessler@st-marys.example.com};",
        # addresses
        "Resides at {address:4019 Cedar Hollow Road, Boise, ID 83702}.",
        "From {address:55 W. 11th Street}, found down.",
        "Nursing home, {address:300 Lakeview Blvd, Suite 12}.",
        "Mail CD to {address:P.O. Box 90}.",
        "Adresse: {address:Lindenallee 7b, 50667 Köln}",
        "discharged to {address:17 Rose Close, Leeds LS2 9JT}",
        "Address {address:88 Harbour View Crescent}",
        "lives in {address:Tucson, AZ 85701-1203}",
        "domicilié {address:3 avenue du Général Leclerc}",
        "Patient of the {address:14 Chapel Lane} surgery.",
        # only looks like it
        "The Dr. was called. Patient stable.",
        "Doctor aware.",
        "Kerley A and Kerley B lines, Bateman artefact of the blanket.",
        "Ghon complex and Ranke complex, both calcified.",
        "Westermark sign is absent, Hampton's hump is absent.",
        "Hickman catheter, Groshong catheter, and Dobhoff tube.",
        "Harrington rods and Luque wires in the thoracic spine.",
        "Cardiomegaly, Monday through Friday unchanged.",
        "XXXX year old XXXX with XXXX, referred by Dr. XXXX XXXX.",
        "The 11 x 9 x 7 mm nodule, 345-1200 HU in its rim.",
        "A 92-year-old woman, G3P2, weight 71.5 kg.",
        "Wedge deformity T7, T8 and L1; 20-30% loss of height.",
        "AP supine at 0615, upright at 1430 hours.",
        "Boston Scientific ICD with Medtronic lead, model 5076.",
        "American College of Cardiology stage C heart failure.",
        "In comparison with the study of 12/31/2009, the effusion is smaller.",
        "Since the examination of 4 May 2011 there is no change.",
        "MR of the thoracic spine, CT Chest, US Abdomen from last year.",
        "Ms Excel was not needed for the measurement.",
        "ET tube 4.5 cm above the carina, NG tube below the diaphragm.",
        "Na 138, K 4.1, creatinine 1.2, BNP 1200, D-dimer 2500 ng/mL.",
        "V72.5, 786.2, R05, J18.9: pneumonia.",
        "Born at term, no complications.",
        "Pressures 25/10 mmHg, mean 15; 2 L O2.",
        "Patient: elderly man, intubated",
        "Name of the procedure: thoracentesis.",
        "FRONTAL AND LATERAL CHEST, TWO VIEWS, NO COMPARISON AVAILABLE.",
        "Read by the overnight resident.",
        "Right Upper Lobe Pneumonia And Left Pleural Effusion",
        "Lung-RADS 4B; follow up 3-6 months per ACR.",
        "CABG 2001, AVR 2006, TAVR 2019 with Edwards SAPIEN 3 valve.",
        "Pancoast tumor versus Horner syndrome; Ewing sarcoma excluded.",
        "Non-Hodgkin lymphoma, Sjogren disease, Marfan habitus.",
        "Findings: 1. Clear lungs. 2. Old granulomatous disease.",
        "Results were discussed with Cardiology and Surgery.",
        "Dose 100-1000 uSv, 1024 by 1024 matrix, exposure 2.5 mAs.",
        "Unchanged from 2006/11/02 and from 2008.",
        "Sister Mary Joseph nodule was not felt.",
        "Case reviewed; study of 5 images, series 2 image 14.",
        "Baker cyst, Colles fracture, Hill-Sachs lesion.",
    )
)

UNMARKED = tuple(
    read_marks(line)
    for line in (
        "{name:Okonkwo} saw the film and agrees.",
        "I spoke to {name:Yamamoto} about the effusion.",
        "{name:Zbigniew Wojcik}, cough.",
        "Pneumothorax known to {name:Castellanos}.",
        "{name:adebayo folarin} chest pain",
        "film of {name:martha quist} from last week",
        "{name:QUISENBERRY} 67F SOB",
        "As per {name:Lindqvist}, repeat in two hours.",
        "{name:Mei-Ling} came with her sister.",
        "Little {name:Bo} swallowed a coin.",
        "transferred by {name:Rutherford}'s team",
        "compare with {name:Halvorsen} 2009",
        "{name:Haruto Sato} fell from a ladder.",
        "{name:Grace Hill} has asthma.",
        "the patient, {name:Mark Stone}, refuses a lateral view",
        "born the {birth:twelfth of March} in that year",
        "birthday is {birth:3-12}",
        "number is {phone:five five five, zero one nine nine}",
        "sticker {record:44781}",
        "write to {email:harper at example dot org}",
        "lives above the bakery in {address:Little Whinging}",
        "bed 4, {address:Rosewood Manor}",
    )
)
