
#include "app/documents/formats/pdf/pdf.h"
#include "app/documents/formats/pdf/page_reader.h"
#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::size_t kPagesMax = 50'000;

std::string title_of(QPDF& pdf) {
  QPDFObjectHandle information = pdf.getTrailer().getKey("/Info");
  if (!information.isDictionary() || !information.getKey("/Title").isString()) return {};
  std::string title = information.getKey("/Title").getUTF8Value();
  // What programs put there by themselves is a file's name.
  const std::string lower = to_lower(title);
  const bool of_a_program = lower.starts_with("microsoft word") || lower.starts_with("untitled") ||
                            lower.starts_with("powerpoint") || lower.starts_with("(anonymous") ||
                            lower.ends_with(".doc") || lower.ends_with(".docx") || lower.ends_with(".indd");
  if (of_a_program || !is_valid_utf8(title)) return {};
  return std::string(first_code_points(title, kHeadingPathChars));
}

std::unexpected<Error> damaged(const QPDFExc& error) {
  if (error.getErrorCode() == qpdf_e_password) {
    return fail(Code::invalid_request, "it needs a password", "save it without one");
  }
  if (error.getErrorCode() == qpdf_e_unsupported) {
    return fail(Code::invalid_request, "it is encrypted in a way that is not read",
                "save it without encryption");
  }
  const std::string detail = error.getMessageDetail();
  return fail(Code::invalid_request,
              "the PDF is damaged: " + (is_valid_utf8(detail) ? detail : "it cannot be read"),
              "save or print it again as PDF");
}

Result<ParsedDocument> read_pages(QPDF& pdf) {
  std::vector<TextLine> lines;
  LineCollector collector(lines);
  PdfFonts fonts;
  const auto pages = QPDFPageDocumentHelper(pdf).getAllPages();
  if (pages.size() > kPagesMax) return fail(Code::too_large, "it has more than 50,000 pages", "split it");
  std::uint32_t number = 0;
  for (const QPDFPageObjectHelper& page : pages) {
    collector.begin_page(++number);
    PdfPageReader(collector, fonts).read(page);
    if (collector.full()) {
      return fail(Code::too_large, "its text is too large when unpacked", "split it");
    }
  }
  if (pages.empty())
    return fail(Code::invalid_request, "the PDF is damaged: it has no pages", "check the file");
  DocumentBuilder out;
  add_lines(out, lines);
  if (out.empty()) {
    return fail(
        Code::invalid_request,
        "there is no text in its " + std::to_string(pages.size()) + " pages, as when they were scanned",
        "run it through text recognition first, for example ocrmypdf");
  }
  return out.take(title_of(pdf));
}

}  // namespace

Result<ParsedDocument> parse_pdf(std::string_view bytes) {
  try {
    QPDF pdf;
    pdf.setSuppressWarnings(true);
    pdf.processMemoryFile("document", bytes.data(), bytes.size());
    return read_pages(pdf);
  } catch (const QPDFExc& error) {
    return damaged(error);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    const std::string why = error.what();
    return fail(Code::invalid_request,
                "the PDF is damaged: " + (is_valid_utf8(why) ? why : "it cannot be read"),
                "save or print it again as PDF");
  }
}

}  // namespace weir::app
