"""Files that are made to hurt: (name, bytes), more than 200, always the same ones.

`python3 tests/hostile/hostile_files.py DIR` writes them."""

import json
import random
import struct
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import documents as make  # noqa: E402

MIB = 1 << 20
OFFICE = {"docx": make.docx, "pptx": make.pptx, "xlsx": make.xlsx}
PARTS = {"docx": "word/document.xml", "pptx": "ppt/slides/slide1.xml", "xlsx": "xl/worksheets/sheet1.xml"}
HELLO = b"BT /F1 12 Tf 72 700 Td (Refunds take 30 days.) Tj ET"


def deflated(size, byte=b" "):
    """`size` equal bytes as a raw deflate stream, without ever being in memory."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece, out = byte * MIB, b""
    for _ in range(size // MIB):
        out += packer.compress(piece)
    return out + packer.flush()


def zip_of(members, overlap=False):
    """A ZIP written by hand: (name, method, flags, unpacked size, packed bytes)."""
    out, directory = b"", b""
    for name, method, flags, size, packed in members:
        offset = 0 if overlap else len(out)
        head = struct.pack("<HHHHHIIIHH", 20, flags, method, 0, 0, 0, len(packed), size & 0xFFFFFFFF, len(name), 0)
        if not overlap or not out:
            out += b"PK\3\4" + head + name + packed
        directory += (b"PK\1\2" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, offset) + name)
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(out), 0)
    return out + directory + b"PK\5\6" + end


def archives():
    for kind, part in PARTS.items():
        for size in (64, 600, 2048):
            yield f"bomb_{size}.{kind}", zip_of([(part.encode(), 8, 0, size * MIB, deflated(size * MIB))])
        packed = deflated(600 * MIB)
        yield f"bomb_that_lies.{kind}", zip_of([(part.encode(), 8, 0, 100, packed)])
        yield f"bomb_that_says_4g.{kind}", zip_of([(part.encode(), 8, 0, 0xFFFFFFFF, packed)])
        yield f"overlapping.{kind}", zip_of([(part.encode() + b"%d" % i, 8, 0, 600 * MIB, packed) for i in range(50)], overlap=True)
        yield f"encrypted.{kind}", zip_of([(part.encode(), 0, 1, 5, b"hello")])
        yield f"method_99.{kind}", zip_of([(part.encode(), 99, 0, 5, b"hello")])
        yield f"two_of_one_name.{kind}", zip_of([(part.encode(), 0, 0, 5, b"hello")] * 2)
        yield f"no_members.{kind}", zip_of([])
        yield f"other_members.{kind}", make.archive({"readme.txt": "hi"})
        yield f"nested.{kind}", nested(kind, 12)
        for name in ("../../etc/passwd", "/etc/passwd", "..\\..\\x", "C:\\windows\\x", "a/../../b"):
            yield f"traversal_{abs(hash_of(name))}.{kind}", OFFICE[kind](more={name: "root:x"})
        whole = OFFICE[kind]()
        for share in (5, 30, 60, 90, 99):
            yield f"cut_at_{share}.{kind}", whole[:len(whole) * share // 100]
        yield f"zip64_end_lies.{kind}", whole[:-22] + b"PK\5\6" + b"\xff" * 16 + b"\0\0"


def hash_of(text):
    return zlib.crc32(text.encode())


def nested(kind, depth):
    inner = OFFICE[kind]()
    for _ in range(depth):
        inner = make.archive({"inner.zip": inner, PARTS[kind]: inner})
    return inner


def markup_in_archives():
    laughs = "<!DOCTYPE a [<!ENTITY l0 'ha'>" + "".join(f"<!ENTITY l{i + 1} '{f'&l{i};' * 10}'>" for i in range(9)) + "]>"
    prologs = {
        "xxe_file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        "xxe_http": '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:1/x">]>',
        "xxe_parameter": '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>',
        "external_dtd": '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd">',
        "billion_laughs": laughs,
        "quadratic": f"<!DOCTYPE a [<!ENTITY l0 '{'a' * 100_000}'>]>",
    }
    for kind, build in OFFICE.items():
        for name, prolog in prologs.items():
            yield f"{name}.{kind}", build(prolog=make.DECLARATION + prolog)
        yield f"undefined_entity.{kind}", make.archive({PARTS[kind]: "<a>&l9;</a>"})
        yield f"not_xml.{kind}", build(more={PARTS[kind]: b"\xff\0\1 this is no XML"})
    yield "deep.docx", make.docx("<w:p>" * 100_000 + "</w:p>" * 100_000)
    yield "deep_tables.docx", make.docx("<w:tbl><w:tr><w:tc>" * 600 + make.paragraph("x") + "</w:tc></w:tr></w:tbl>" * 600)
    yield "long_attribute.docx", make.docx(f'<w:p a="{"x" * 10_000_000}"/>')
    yield "one_long_word.docx", make.docx(make.paragraph("x" * 70_000_000))
    yield "wide.xlsx", make.xlsx("".join(f'<row><c r="XFD{i}"><v>1</v></c></row>' for i in range(1, 20_000)))
    yield "shared_strings.xlsx", make.xlsx('<row><c t="s"><v>0</v></c></row>' * 100_000, strings=["x" * 100_000])
    yield "wide_shared_row.xlsx", make.xlsx("<row>" + '<c t="s"><v>0</v></c>' * 16_000 + "</row>", strings=["x" * 1_000_000])
    yield "negative_shared_string.xlsx", make.xlsx('<row><c t="s"><v>-1</v></c><c t="s"><v>99999999999999</v></c></row>')
    yield "odd_dates.xlsx", make.xlsx('<row><c s="1"><v>1e308</v></c><c s="1"><v>-5</v></c><c s="1"><v>nan</v></c><c s="99"><v>1</v></c></row>')
    yield "slides_of_nowhere.pptx", make.pptx(more={"ppt/_rels/presentation.xml.rels": make.relationships({"r0": "../../../../etc/passwd"})})
    yield "slide_of_itself.pptx", make.pptx(more={"ppt/_rels/presentation.xml.rels": make.relationships({"r0": "presentation.xml"})})


def pages():
    depth = 100_000
    for tag in ("div", "b", "a", "table", "font", "svg", "p", "li", "blockquote", "button"):
        yield f"deep_{tag}.html", (f"<{tag}>" * depth + "x").encode()
    yield "deep_and_closed.html", b"<div>" * depth + b"x" + b"</div>" * depth
    yield "long_attribute.html", b'<p title="' + b"x" * (12 * MIB) + b'">x'
    yield "many_attributes.html", b"<p " + b" ".join(b"a%d=1" % i for i in range(20_000)) + b">x"
    yield "open_comment.html", b"<p>x<!--" * 100_000
    yield "open_script.html", b"<script>" + b"<" * MIB
    yield "entities.html", b"&amp;" * (2 * MIB)
    yield "nul.html", b"<p>\0x\0</p>" * 1000
    yield "formatting.html", b"<b><i><u><a>" * 2_000 + b"</b></i></u></a>" * 2_000 + b"x"
    yield "wrong_charset.html", b'<meta charset="no-such-charset"><p>\xe9'
    for name, text in {"quotes": b">" * 50_000, "brackets": b"[" * 50_000, "links": b"[a](" * 20_000, "stars": b"*a_ " * 50_000,
                       "ticks": b"`" * 50_000 + b"a", "lists": b"".join(b" " * i + b"- a\n" for i in range(2_000)),
                       "references": b"".join(b"[%d]: x\n" % i for i in range(20_000)) + b"[1] " * 20_000, "images": b"![" * 50_000,
                       "wide_table": b"|a" * 20_000 + b"|\n" + b"|-" * 20_000 + b"|\n" + b"|b\n" * 1000, "html": b"<x" * 50_000,
                       "headings": b"# \n" * 100_000}.items():
        yield f"{name}.md", b"x\n\n" + text


def pdfs():
    rng = random.Random(7)
    good = make.pdf_of_pages(HELLO, HELLO)
    yield "header_only.pdf", b"%PDF-1.7\n"
    yield "header_and_end.pdf", b"%PDF-1.7\n%%EOF\n"
    yield "header_and_noise.pdf", b"%PDF-1.7\n" + rng.randbytes(100_000)
    for share in (2, 10, 25, 40, 50, 60, 75, 90, 97):
        yield f"cut_at_{share}.pdf", good[:len(good) * share // 100]
    for number in range(30):
        changed = bytearray(good)
        for _ in range(1 + number):
            changed[rng.randrange(9, len(changed))] = rng.randrange(256)
        yield f"changed_{number}.pdf", bytes(changed)
    yield "page_tree_loop.pdf", make.pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"])
    yield "two_trees_loop.pdf", make.pdf([b"<< /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"])
    deep = [b"<< /Type /Catalog /Pages 2 0 R >>"] + [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (i + 3) for i in range(20_000)]
    yield "deep_page_tree.pdf", make.pdf(deep + [b"<< /Type /Page >>"])
    yield "count_lies.pdf", make.pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 2000000000 >>"])
    yield "root_is_missing.pdf", make.pdf([b"<< >>"], root=9)
    yield "table_loop.pdf", good.replace(b"trailer\n<<", b"trailer\n<< /Prev %d" % good.rindex(b"xref\n0"))
    yield "deep_arrays.pdf", make.pdf_of_pages(b"[" * 200_000 + HELLO)
    yield "deep_dictionaries.pdf", make.pdf([b"<< /A " * 50_000 + b">>" * 50_000])
    yield "open_string.pdf", make.pdf_of_pages(b"BT /F1 12 Tf (" + b"(" * 200_000)
    yield "only_saves.pdf", make.pdf_of_pages(b"q " * 3_000_000 + HELLO)
    yield "only_restores.pdf", make.pdf_of_pages(b"Q " * 1_000_000 + HELLO)
    yield "many_operators.pdf", make.pdf_of_pages(b"0 g " * 6_000_000)
    yield "odd_numbers.pdf", make.pdf_of_pages(b"BT /F1 1e999 Tf 99999999999999999999 -1e99 0 nan 0 0 Tm (x) Tj 0 0 0 0 0 0 Tm (y) Tj ET")
    yield "stream_bomb.pdf", make.pdf_of_pages(b" " * (300 * MIB) + HELLO)
    twice = zlib.compress(zlib.compress(b" " * (1000 * MIB), 9), 9)
    yield "stream_bomb_twice.pdf", make.pdf([b"<< /Pages 2 0 R >>", b"<< /Kids [3 0 R] /Count 1 >>", b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>",
                                             b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n" % len(twice) + twice + b"\nendstream"])
    form = make.stream(b"/X Do /X Do " + HELLO, b"/Type /XObject /Subtype /Form /Resources << /Font << /F1 3 0 R >> /XObject << /X 6 0 R >> >>")
    yield "form_of_itself.pdf", make.pdf_of_pages(b"/X Do", more=[form])
    chain = [make.stream(b"/X Do " * 10, b"/Subtype /Form /Resources << /XObject << /X %d 0 R >> >>" % (7 + i)) for i in range(11)]
    yield "forms_that_multiply.pdf", make.pdf_of_pages(b"/X Do", more=chain + [make.stream(HELLO, b"/Subtype /Form")])
    font = b"<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts [3 0 R] /W [0 999999999 500] >>"
    ranges = b"1 beginbfrange <0000> <FFFF> <0041> endbfrange\n" * 2_000
    yield "map_bomb.pdf", make.pdf_of_pages(b"BT /F1 12 Tf <00410042> Tj ET", font=font, more=[make.stream(ranges, packed=True)])
    yield "map_of_long_texts.pdf", make.pdf_of_pages(b"BT /F1 12 Tf <0041> Tj ET", font=font, more=[make.stream(b"beginbfchar <0041> <" + b"0041" * 500_000 + b"> endbfchar")])
    yield "shown_without_end.pdf", make.pdf_of_pages(b"BT /F1 12 Tf (" + b"x" * (8 * MIB) + b") Tj" + b" (x) Tj" * 500_000)
    yield "font_of_itself.pdf", make.pdf_of_pages(HELLO, font=b"<< /Subtype /Type0 /DescendantFonts 3 0 R /Encoding 3 0 R /ToUnicode 3 0 R >>")
    yield "length_lies.pdf", make.pdf_of_pages(HELLO, packed=False).replace(b"/Length %d" % len(HELLO), b"/Length 99")
    yield "length_of_itself.pdf", make.pdf_of_pages(HELLO, packed=False).replace(b"/Length %d" % len(HELLO), b"/Length 5 0 R")
    yield "predictor.pdf", good.replace(b"/Filter /FlateDecode", b"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 999999999 /Colors 99 >>")
    yield "unknown_filter.pdf", good.replace(b"/FlateDecode", b"/NoSuchCode")
    yield "no_text.pdf", make.pdf_of_pages(b"0 0 m 100 100 l S")
    locked = (b"/ID [<00><00>] /Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <" + b"11" * 32 + b"> /U <" + b"22" * 32 + b"> >>")
    yield "password.pdf", make.pdf([b"<< /Pages 2 0 R >>", b"<< /Kids [] /Count 0 >>"], trailer=locked)
    yield "encrypted_oddly.pdf", make.pdf([b"<< /Pages 2 0 R >>", b"<< >>"], trailer=b"/Encrypt << /Filter /Own /V 99 /R 77 >>")
    yield "actions.pdf", make.pdf([b"<< /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>", b"<< /Kids [] /Count 0 >>"])


def tables_and_mail():
    yield "many_columns.csv", b"," * (3 * MIB) + b"\n1"
    yield "open_quote.csv", b'a,"' + b"x\n" * 500_000
    yield "quotes.csv", b'"' * 1_000_000
    yield "nul.csv", b"a,b\n1,\0\n"
    for depth in (1_000, 100_000, 5_000_000):
        yield f"deep_{depth}.json", b"[" * depth
    yield "deep_objects.json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    yield "long_number.json", b"[" + b"9" * MIB + b"]"
    yield "cut.json", b'[{"a": 1}, {"a": '
    yield "surrogate.json", b'["\\ud800", "\\udc00"]'
    yield "many_members.json", json.dumps([{f"m{i}": i} for i in range(20_000)]).encode()
    yield "nul.jsonl", b'{"a": 1}\n\0\n'
    yield "half.jsonl", b'{"a": 1}\n{"a":\n'
    part = "Content-Type: multipart/mixed; boundary=b{0}\r\n\r\n--b{0}\r\n"
    yield "deep_parts.eml", make.eml("".join(part.format(i) for i in range(1, 500)), "Content-Type: multipart/mixed; boundary=b0")
    yield "many_parts.eml", make.eml("--b\r\n\r\nx\r\n" * 50_000, "Content-Type: multipart/mixed; boundary=b")
    yield "messages_in_messages.eml", make.eml("Content-Type: message/rfc822\r\n\r\n" * 10_000, "Content-Type: message/rfc822")
    yield "long_header.eml", make.eml(headers="X: " + "x" * (5 * MIB))
    yield "folded_header.eml", make.eml(headers="X: a\r\n" + " b\r\n" * 500_000 + "Y: c")
    yield "encoded_words.eml", make.eml(headers="Cc: " + "=?" * 200_000)
    yield "no_such_charset.eml", make.eml(headers="Content-Type: text/plain; charset=x-none")
    yield "base64_noise.eml", make.eml("=!" * 100_000, "Content-Transfer-Encoding: base64")
    yield "deep_html.eml", make.eml("<div>" * 100_000, "Content-Type: text/html")
    yield "empty.eml", b"\r\n\r\n"


def texts_and_names():
    rng = random.Random(8)
    yield "one_line.txt", b"word " * (3 * MIB)
    yield "one_word.txt", b"x" * (15 * MIB)
    yield "nul.txt", b"a\0b"
    yield "noise.txt", rng.randbytes(100_000)
    yield "controls.txt", bytes(range(1, 32)) * 1000
    yield "half_utf16.txt", b"\xff\xfea\0b"
    yield "blank.txt", b" \n" * 100_000
    yield "lines.txt", b"\n".join([b"x"] * 1_000_000)
    signatures = {"pdf": b"%PDF-1.4\n", "zip": b"PK\3\4\0\0", "png": b"\x89PNG\r\n\x1a\n", "gif": b"GIF89a", "gzip": b"\x1f\x8b\x08\0",
                  "office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "program": b"\x7fELF\2\1", "rtf": b"{\\rtf1 x}", "text": b"only text\n"}
    for kind, signature in signatures.items():
        for extension in ("txt", "md", "html", "csv", "pdf", "docx", "xlsx", "pptx", "json"):
            if kind == "text" and extension in ("txt", "md", "html", "csv"):
                continue  # text it is
            yield f"{kind}_named.{extension}", signature + b"\0" * 64 if kind != "text" else signature


def hostile_files():
    for family in (archives, markup_in_archives, pages, pdfs, tables_and_mail, texts_and_names):
        yield from family()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    count = 0
    for name, content in hostile_files():
        (target / name).write_bytes(content)
        count += 1
    print(f"{count} files in {target}")
