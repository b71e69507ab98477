#include "app/documents/formats/email.h"

#include <doctest/doctest.h>

#include "base/text.h"

namespace weir::app {
namespace {

TEST_CASE("an e-mail: the type of a part without a name is shown as text, whatever its bytes") {
  const auto document = parse_email(
      "From: a@example.com\r\nSubject: Refunds\r\n"
      "Content-Type: multipart/m\x93\xca; x=y\r\n\r\nbody\r\n");
  REQUIRE(document);
  CHECK(is_valid_utf8(document->text));
  CHECK(document->text.find("Attachment: multipart/m") != std::string::npos);
}

TEST_CASE("an e-mail: words of headers and quoted-printable bodies are decoded") {
  const auto document = parse_email(
      "From: =?utf-8?B?SsO8cmdlbg==?= <j@example.com>\nSubject: =?iso-8859-1?Q?Caf=E9_menu?=\n"
      "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
      "A long=\n line costs 5=E2=82=AC.\n");
  REQUIRE(document);
  CHECK(document->title == "Café menu");
  CHECK(document->text.find("From: Jürgen <j@example.com>") != std::string::npos);
  CHECK(document->text.find("A long line costs 5€.") != std::string::npos);
}

TEST_CASE("an e-mail: what has none of its fields is refused by name") {
  CHECK_FALSE(parse_email("just text\n"));
}

}  // namespace
}  // namespace weir::app
