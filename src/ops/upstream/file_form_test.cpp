#include "ops/upstream/file_form.h"

#include <doctest/doctest.h>

namespace weir::ops::upstream {
namespace {

TEST_CASE("a form is read in any pieces, and its file goes on as it comes") {
  const std::string content = "a\r\n--B-not-quite\r\n-\r\n";
  const std::string form =
      "--BB\r\ncontent-disposition: form-data; name=\"expires_in_seconds\"\r\n\r\n60\r\n--BB\r\n"
      "Content-Disposition: form-data; name=\"file\"; filename=\"t.csv\"\r\nContent-Type: text/csv\r\n\r\n" +
      content + "\r\n--BB--\r\n";
  for (const std::size_t step : {1UL, 2UL, 5UL, 4096UL}) {
    std::string got;
    FileForm reader("BB", [&got](std::string_view bytes) -> Result<> {
      got += bytes;
      return {};
    });
    for (std::size_t at = 0; at < form.size(); at += step)
      REQUIRE(reader.feed(std::string_view(form).substr(at, step)));
    CHECK(reader.ended());
    CHECK(reader.has_file());
    CHECK(got == content);
    CHECK(reader.filename() == "t.csv");
    CHECK(reader.media_type() == "text/csv");
    CHECK(reader.expires_in_seconds() == "60");
  }
}

TEST_CASE("boundaries, quoted or not, and what is no form") {
  CHECK(form_boundary("multipart/form-data; boundary=a-b") == "a-b");
  CHECK(form_boundary("multipart/form-data; boundary=\"a b\"; charset=utf-8") == "a b");
  CHECK(form_boundary("application/json").empty());
  FileForm broken("B", [](std::string_view) -> Result<> { return {}; });
  CHECK_FALSE(broken.feed("--Bxx"));
}

}  // namespace
}  // namespace weir::ops::upstream
