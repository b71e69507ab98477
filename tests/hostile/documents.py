"""Small documents of every format, made from nothing but Python's own library."""

import io
import zipfile
import zlib

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SLIDE = "http://schemas.openxmlformats.org/presentationml/2006/main"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def archive(members, **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **options) as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return out.getvalue()


def relationships(targets):
    return (f'{DECLARATION}<Relationships xmlns="{PACKAGE}">' +
            "".join(f'<Relationship Id="{name}" Type="t" Target="{target}"/>' for name, target in targets.items()) +
            "</Relationships>")


def paragraph(text, style=""):
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(body=paragraph("Refunds take 30 days."), prolog=DECLARATION, more=None):
    styles = (f'{DECLARATION}<w:styles xmlns:w="{WORD}"><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
              f'<w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style></w:styles>')
    document = f'{prolog}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return archive({"word/document.xml": document, "word/styles.xml": styles} | (more or {}))


def xlsx(rows='<row><c t="inlineStr"><is><t>Apple</t></is></c><c><v>1.5</v></c></row>', strings=(), prolog=DECLARATION, more=None):
    return archive({
        "xl/workbook.xml": f'{DECLARATION}<workbook xmlns="{SHEET}" xmlns:r="{RELATED}"><sheets><sheet name="Prices" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relationships({"r1": "worksheets/sheet1.xml"}),
        "xl/styles.xml": f'{DECLARATION}<styleSheet xmlns="{SHEET}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'{DECLARATION}<sst xmlns="{SHEET}">' + "".join(f"<si><t>{text}</t></si>" for text in strings) + "</sst>",
        "xl/worksheets/sheet1.xml": f'{prolog}<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData></worksheet>',
    } | (more or {}))


def shape(text, kind="body"):
    return (f'<p:sp><p:nvSpPr><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr><p:txBody>'
            f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>")


def pptx(slides=(shape("Roadmap", "title") + shape("Ship in May"),), prolog=DECLARATION, more=None):
    # The files' numbers run against the slides' order, as after somebody has moved them.
    count = len(slides)
    listed = "".join(f'<p:sldId id="{256 + i}" r:id="r{i}"/>' for i in range(count))
    members = {
        "ppt/presentation.xml": f'{DECLARATION}<p:presentation xmlns:p="{SLIDE}" xmlns:r="{RELATED}"><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>',
        "ppt/_rels/presentation.xml.rels": relationships({f"r{i}": f"slides/slide{count - i}.xml" for i in range(count)}),
    }
    for i, content in enumerate(slides):
        members[f"ppt/slides/slide{count - i}.xml"] = (
            f'{prolog}<p:sld xmlns:p="{SLIDE}" xmlns:a="{DRAWING}"><p:cSld><p:spTree>{content}</p:spTree></p:cSld></p:sld>')
    return archive(members | (more or {}))


def stream(content, extra=b"", packed=False):
    data = zlib.compress(content) if packed else content
    filters = b"/Filter /FlateDecode " if packed else b""
    return b"<< /Length %d %s%s >>\nstream\n" % (len(data), filters, extra) + data + b"\nendstream"


def pdf(objects, root=1, trailer=b""):
    """`objects` from number 1 on, with the table of their places."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, trailer, start)
    return bytes(out)


def pdf_of_pages(*contents, packed=True, font=b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>", more=()):
    """Pages with these programs; font F1 is object 3, `more` objects follow the pages."""
    count = len(contents)
    kids = b" ".join(b"%d 0 R" % (4 + 2 * i) for i in range(count))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count), font]
    for i, content in enumerate(contents):
        objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R "
                       b"/Resources << /Font << /F1 3 0 R >> /XObject << /X %d 0 R >> >> >>" % (5 + 2 * i, 4 + 2 * count))
        objects.append(stream(content, packed=packed))
    return pdf(objects + list(more))


def eml(body="Refunds take 30 days.", headers="Content-Type: text/plain; charset=utf-8"):
    return f"From: a@example.com\r\nTo: b@example.com\r\nSubject: Refunds\r\n{headers}\r\n\r\n{body}\r\n".encode()
