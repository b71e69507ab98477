"""Every format by upload: what a reader sees of it is what is found, with headings, tables, pages and sheets."""

import sys

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests" / "hostile"))
import documents as make  # noqa: E402

FORM = "multipart/form-data; boundary=frontier"


@pytest.fixture(scope="module")
def weir(launch_module):
    return launch_module.weir()


def form(name, content, kind):
    return (f'--frontier\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode() +
            content + b"\r\n--frontier--\r\n")


def read(weir, name, content, kind="application/octet-stream"):
    answer = weir.request("POST", "/api/documents", form(name, content, kind), {"content-type": FORM})
    assert answer.status in (200, 201), answer.body
    return weir.request("GET", f"/api/documents/{answer.json['id']}").json


TABLE = ("<w:tbl>" + "".join("<w:tr>" + "".join(f"<w:tc>{make.paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>"
                             for row in (("Plan", "Price"), ("Basic", "10 €"))) + "</w:tbl>")


def test_word_headings_lists_and_tables(weir):
    listed = '<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>by card</w:t></w:r></w:p>'
    deleted = "<w:p><w:r><w:t>kept</w:t></w:r><w:del><w:r><w:delText>struck out</w:delText></w:r></w:del></w:p>"
    body = make.paragraph("Refunds", "berschrift1") + make.paragraph("In 30 days.") + listed + TABLE + deleted
    document = read(weir, "handbook.docx", make.docx(body))
    assert document["text"] == "Refunds\n\nIn 30 days.\n\n- by card\n\nPlan | Price\nBasic | 10 €\n\nkept\n\n"
    assert document["title"] == "Refunds" and document["media_type"].endswith("wordprocessingml.document")


def test_powerpoint_slides_in_their_order_with_notes(weir):
    slides = (make.shape("Roadmap", "title") + make.shape("Ship in May"), make.shape("7", "sldNum") + make.shape("No title here"))
    notes = f'<p:notes xmlns:p="{make.SLIDE}" xmlns:a="{make.DRAWING}">{make.shape("Thank everybody")}</p:notes>'
    more = {"ppt/slides/_rels/slide2.xml.rels": make.relationships({"n": "../notesSlides/n1.xml"}), "ppt/notesSlides/n1.xml": notes}
    document = read(weir, "talk.pptx", make.pptx(slides, more=more))
    assert document["text"] == "Roadmap\n\nShip in May\n\nNotes: Thank everybody\n\nSlide 2\n\nNo title here\n\n"


def test_excel_sheets_strings_numbers_and_dates(weir):
    rows = ('<row><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Since</t></is></c></row>'
            '<row><c r="A2" t="s"><v>1</v></c><c r="B2" s="1"><v>45352</v></c></row><row><c r="C3" t="b"><v>1</v></c></row>')
    document = read(weir, "prices.xlsx", make.xlsx(rows, strings=("Item", "Äpfel")))
    assert document["text"] == "Prices\n\nItem | Since\nÄpfel | 2024-03-01\n |  | TRUE\n\n"


def test_pdf_words_headings_and_pages(weir):
    first = (b"BT /F1 18 Tf 72 720 Td (Refund policy) Tj /F1 11 Tf 0 -40 Td (Refunds take 30) Tj 0 -13 Td (days, na\\357ve custom-) Tj "
             b"0 -13 Td (ers.) Tj 0 -40 Td [(spac) -20 (ed) -400 (out)] TJ ET")
    second = b"q 1 0 0 1 10 10 cm /X Do Q"
    within = make.stream(b"BT /F1 11 Tf 50 500 Td (In a form, on page two.) Tj ET", b"/Subtype /Form /Resources << /Font << /F1 3 0 R >> >>")
    document = read(weir, "policy.pdf", make.pdf_of_pages(first, second, more=[within]))
    assert document["text"] == ("Refund policy\n\nRefunds take 30 days, naïve customers.\n\nspaced out\n\nIn a form, on page two.\n\n")
    found = weir.request("POST", "/api/chat", {"message": "Which form is on page two?"}).json
    assert any(source["heading"] == "Refund policy > p. 1–2" for source in found["sources"]), found["sources"]


def test_pdf_composite_fonts_by_their_maps(weir):
    font = b"<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [<< /DW 600 >>] /ToUnicode 6 0 R >>"
    cmap = make.stream(b"1 begincodespacerange <0000> <FFFF> endcodespacerange 2 beginbfchar <0001> <041F> <0002> <D83DDE00> endbfchar "
                       b"1 beginbfrange <0003> <0005> <0440> endbfrange", packed=True)
    document = read(weir, "maps.pdf", make.pdf_of_pages(b"BT /F1 12 Tf 9 9 Td <00010003000200040005> Tj ET", font=font, more=[cmap]))
    assert document["text"].strip() == "Пр😀ст"


@pytest.mark.parametrize("name,content,text", [
    ("a.csv", 'name;price\n"Apple; red";1,5\n'.encode(), "name | price\nApple; red | 1,5"),
    ("a.tsv", b"name\tprice\nPear\t2\n", "name | price\nPear | 2"),
    ("a.json", b'[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]', "a | b\n1 | x\n2 | y"),
    ("b.json", b'{"name": "T", "limits": {"calls": [1, {"per": "day"}]}}', "name: T\n\nlimits\n\ncalls[0]: 1\ncalls[1].per: day"),
    ("a.jsonl", b'{"q": "what"}\n{"q": "who"}\n', "q\nwhat\nwho"),
    ("latin.txt", "Café: 5 €".encode("cp1252"), "Café: 5 €"),
    ("wide.txt", "\ufeffGrüße".encode("utf-16-le"), "Grüße"),
    ("old.html", '<meta charset="iso-8859-15"><p>5 \xa4'.encode("latin1"), "5 €"),
])
def test_tables_data_and_encodings(weir, name, content, text):
    assert read(weir, name, content)["text"].strip() == text


def test_mail_its_envelope_text_and_attachments(weir):
    body = ("--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe, 30 =\r\ndays\r\n"
            "--b\r\nContent-Type: text/html\r\n\r\n<p>not this</p>\r\n"
            "--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename*=utf-8''caf%C3%A9.pdf\r\n\r\nJVBERg==\r\n--b--")
    message = make.eml(body, "Cc: =?utf-8?Q?J=C3=BCrgen?= <j@example.com>\r\nContent-Type: multipart/mixed; boundary=b")
    document = read(weir, "refunds.eml", message)
    assert document["title"] == "Refunds"
    assert document["text"] == ("Refunds\n\nFrom: a@example.com\nTo: b@example.com\nCc: Jürgen <j@example.com>\nAttachment: café.pdf\n\nGrüße, 30 days\n\n")


@pytest.mark.parametrize("name,content,words", [
    ("a.pdf", make.docx(), "not a PDF, though it is said to be one; it is a ZIP archive"),
    ("a.docx", make.xlsx(), "not a Word document"),
    ("a.txt", make.pdf_of_pages(b"BT ET"), "it is a PDF"),
    ("scan.pdf", make.pdf_of_pages(b"0 0 m"), "there is no text in its 1 pages"),
    ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "it needs a password"),
])
def test_what_a_file_is_not_is_said(weir, name, content, words):
    answer = weir.request("POST", "/api/documents", form(name, content, "application/octet-stream"), {"content-type": FORM})
    assert answer.status == 400 and words in answer.json["error"], answer.body
    assert answer.json["error"].startswith(name + ": ")
