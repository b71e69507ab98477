#include "model/providers/environment.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace weir::model {

TEST_CASE("environment: an empty variable is as good as none") {
  ::setenv("WEIR_TEST_EMPTY", "", 1);
  ::setenv("WEIR_TEST_SET", "x", 1);
  const ProcessEnvironment environment;
  CHECK_FALSE(environment.variable("WEIR_TEST_EMPTY"));
  CHECK(environment.variable("WEIR_TEST_SET") == "x");
  CHECK(environment.variable_or("WEIR_TEST_EMPTY", "other") == "other");
}

TEST_CASE("environment: files, and what is wrong with them") {
  const ProcessEnvironment environment;
  const auto folder =
      std::filesystem::temp_directory_path() / ("weir-environment-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  std::ofstream(folder / "token") << "secret\n";
  std::ofstream(folder / "large") << std::string(kCredentialFileSizeMax + 1, 'x');
  CHECK(environment.read_file(folder / "token") == "secret\n");
  const auto missing = environment.read_file(folder / "none");
  CHECK(missing.error().code == Code::not_found);
  CHECK(missing.error().message.contains((folder / "none").string()));
  CHECK(environment.read_file(folder / "large").error().code == Code::too_large);
  CHECK(environment.read_file(folder).error().code == Code::invalid_request);
  std::filesystem::remove_all(folder);
}

}  // namespace weir::model
