// Money, identifiers, digests, randomness: small values that others rely on exactly.
#include <doctest/doctest.h>

#include <set>

#include "base/clock.h"
#include "base/digest.h"
#include "base/ids.h"
#include "base/money.h"
#include "base/random.h"
#include "base/text.h"

using namespace weir;

TEST_CASE("money is exact") {
  CHECK(Money::from_nanos(2'310'000).to_string() == "0.00231");
  CHECK(Money::from_nanos(0).to_string() == "0");
  CHECK(Money::from_nanos(-1).to_string() == "-0.000000001");
  CHECK(Money::from_nanos(25'000'000'000).to_string() == "25");
  CHECK(Money::from_nanos(INT64_MIN).to_string() == "-9223372036.854775808");
  Money sum;
  for (int i = 0; i < 10; ++i) sum += Money::from_nanos(100'000'000);
  CHECK(sum == Money::from_nanos(1'000'000'000));
  CHECK((sum - Money::from_nanos(1)).to_string() == "0.999999999");
  CHECK(Money::from_nanos(1) < Money::from_nanos(2));
}

TEST_CASE("identifiers sort by time and differ") {
  ManualClock clock;
  SeededRandom random(1);
  std::set<std::string> seen;
  std::string last;
  for (int i = 0; i < 100; ++i) {
    const std::string id = new_id("doc", clock, random);
    CHECK(id.size() == 4 + 26);
    CHECK(id.starts_with("doc_0"));
    CHECK(id.find_first_of("ILOU", 4) == std::string::npos);
    CHECK(id > last);
    CHECK(seen.insert(id).second);
    last = id;
    clock.advance(std::chrono::milliseconds(1));
  }
}

TEST_CASE("an identifier holds its milliseconds in the first ten digits") {
  const ManualClock clock(
      std::chrono::milliseconds(1'469'918'176'385));  // the example of ULID's specification
  SeededRandom random(1);
  CHECK(new_id("x", clock, random).substr(2, 10) == "01ARYZ6S41");
}

TEST_CASE("SHA-256, HMAC and CRC-32 against published vectors") {
  CHECK(to_hex(sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-4
  CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==  // RFC 4231 §4.3
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(to_hex(hmac_sha256("", "")) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  CHECK(crc32("123456789") == 0xCBF43926U);
  CHECK(crc32("") == 0);
}

TEST_CASE("comparison in constant time compares") {
  CHECK(equal_in_constant_time("secret", "secret"));
  CHECK_FALSE(equal_in_constant_time("secret", "secreT"));
  CHECK_FALSE(equal_in_constant_time("secret", "secre"));
  CHECK(equal_in_constant_time("", ""));
}

TEST_CASE("a seed gives the same numbers, and the kernel others") {
  SeededRandom a(7), b(7), c(8);
  const auto first = a.next_u64();
  CHECK(first == b.next_u64());
  CHECK(first != c.next_u64());
  SystemRandom system;
  CHECK(system.next_u64() != system.next_u64());
  for (int i = 0; i < 1'000; ++i) {
    const double unit = a.next_unit();
    CHECK((unit >= 0 && unit < 1));
  }
}

TEST_CASE("splitmix64's published sequence") {
  SeededRandom random(1234567);
  CHECK(random.next_u64() == 6457827717110365317ULL);
  CHECK(random.next_u64() == 3203168211198807973ULL);
}
