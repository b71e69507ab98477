#include "main/config/interpolate.h"

#include <doctest/doctest.h>

#include "main_temporary_directory.h"

using namespace weir;
using namespace weir::main;

TEST_CASE("variables, defaults and literals") {
  const Environment environment = {{"NAME", "value"}, {"EMPTY", ""}, {"TRICK", "${NAME}"}};
  CHECK(interpolate("a ${NAME} b", environment) == "a value b");
  CHECK(interpolate("${UNSET:-other}", environment) == "other");
  CHECK(interpolate("${UNSET:-}", environment) == "");
  CHECK(interpolate("${EMPTY:-other}", environment) == "other");
  CHECK(interpolate("${EMPTY}", environment) == "");
  CHECK(interpolate("$${NAME} $5 $", environment) == "${NAME} $5 $");
  CHECK(interpolate("${TRICK}", environment) == "${NAME}");
}

TEST_CASE("an unset variable without a default says how to give one") {
  const auto outcome = interpolate("${UNSET}", {});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().message == "the environment variable UNSET is not set");
  CHECK(outcome.error().hint == "set it, or give a default: ${UNSET:-default}");
}

TEST_CASE("a reference must be closed") {
  CHECK(interpolate("x ${NAME", {}).error().message == "\"${\" has no closing \"}\"");
}

TEST_CASE("a file's content loses its final newline, and nothing more") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("secret", " sk-1 \n\n");
  CHECK(interpolate("${file:" + path + "}", {}) == " sk-1 \n");
  const auto missing = interpolate("${file:" + path + ".no}", {});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message == "cannot read " + path + ".no: No such file or directory");
  CHECK(read_small_file(directory.path()).error().message.ends_with("it is a directory"));
  const std::string big = directory.write("big", std::string(kReferencedFileMax + 1, 'x'));
  CHECK(read_small_file(big).error().message.ends_with("it is larger than 1 MiB"));
}
