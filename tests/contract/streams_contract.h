// tests/contract/streams_contract.h: what every implementation of data::Streams keeps. The store is made
// anew for each subcase, keeps streams for a minute, and follows the ManualClock.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "data/streams.h"
#include "support/run_task.h"

namespace weir::test {

class StreamsContract {
 public:
  // release: forgets what has expired, where the store does not do so by itself.
  StreamsContract(data::Streams& streams, ManualClock& clock, std::function<void()> release)
      : streams_(streams), clock_(clock), release_(std::move(release)) {}

  void run() {
    SUBCASE("a reader gets every byte, from any event on, while it grows and after its end") {
      reads();
    }
    SUBCASE("a reader on another loop is woken") {
      wakes();
    }
    SUBCASE("streams belong to a tenant and a key") {
      belongs();
    }
    SUBCASE("a second reader takes over") {
      takes_over();
    }
    SUBCASE("a failure is told behind the last byte, and later as gone") {
      fails();
    }
    SUBCASE("a stream that nobody reads is overdue after its grace") {
      is_overdue();
    }
    SUBCASE("what has ended is kept for a while") {
      expires();
    }
    SUBCASE("the newest stream of a chat, until it has been read to its end") {
      finds_chats();
    }
    SUBCASE("a removed stream is gone for reader and writer") {
      removes();
    }
    SUBCASE("random pieces and random cuts lose and repeat nothing") {
      survives_cuts();
    }
  }

 private:
  static inline const data::StreamOwner kOwner{data::TenantId("t"), "key"};

  void begin(std::string id, std::string chat = {}) {
    data::StreamStart start{.id = std::move(id), .owner = kOwner, .chat_id = std::move(chat)};
    start.headers.add("content-type", "text/event-stream");
    start.grace = std::chrono::seconds(30);
    REQUIRE(run_task(streams_.begin(std::move(start))));
  }
  void append(std::string id, std::string bytes) {
    REQUIRE(run_task(streams_.append(std::move(id), std::move(bytes))));
  }
  void end(std::string id, std::optional<Error> failure = std::nullopt) {
    run_task(streams_.end(std::move(id), std::move(failure)));
  }
  Result<data::StreamReader> attach(std::string id, std::uint64_t after = 0,
                                    data::StreamOwner owner = kOwner) {
    return run_task(streams_.attach(std::move(owner), std::move(id), after));
  }
  data::StreamReader attached(std::string id, std::uint64_t after = 0) {
    auto reader = attach(std::move(id), after);
    REQUIRE(reader);
    return *std::move(reader);
  }
  Result<std::string> read(data::StreamReader& reader) { return run_task(streams_.read(reader)); }
  std::string rest_of(data::StreamReader reader) {
    std::string all;
    while (true) {
      auto bytes = read(reader);
      REQUIRE(bytes);
      if (bytes->empty()) break;
      all += *bytes;
    }
    streams_.leave(reader, true);
    return all;
  }
  static void check(Code code, const auto& result) {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == code);
  }

  void reads() {
    begin("s");
    auto reader = attached("s");
    append("s", "data: 1\n\ndata: 2\n");
    CHECK(read(reader) == std::string("data: 1\n\ndata: 2\n"));
    append("s", "\nda");
    CHECK(read(reader) == std::string("\nda"));
    check(Code::invalid_request, attach("s", 3));
    append("s", "ta: 3\n\n");
    end("s");
    CHECK(rest_of(reader) == "ta: 3\n\n");
    CHECK(rest_of(attached("s", 0)) == "data: 1\n\ndata: 2\n\ndata: 3\n\n");
    CHECK(rest_of(attached("s", 1)) == "data: 2\n\ndata: 3\n\n");
    CHECK(rest_of(attached("s", 2)) == "data: 3\n\n");
    CHECK(rest_of(attached("s", 3)).empty());
    const auto facts = run_task(streams_.find(kOwner, "s"));
    REQUIRE(facts);
    CHECK(facts->events == 3);
    CHECK_FALSE(facts->growing);
    CHECK(facts->headers.get("content-type") == "text/event-stream");
    check(Code::not_found, run_task(streams_.append("s", "more")));
  }

  void wakes() {
    begin("s");
    std::string all;
    auto reader = attached("s");
    std::thread other([&] {
      while (true) {
        auto bytes = run_task(streams_.read(reader));
        if (!bytes || bytes->empty()) break;
        all += *bytes;
      }
    });
    std::string expected;
    for (int i = 0; i < 1'000; ++i) {
      const std::string event = "data: " + std::to_string(i) + "\n\n";
      expected += event;
      append("s", event);
    }
    end("s");
    other.join();
    CHECK(all == expected);
  }

  void belongs() {
    begin("s", "chat");
    append("s", "data: 1\n\n");
    for (const auto& [tenant, key] : {std::pair{"t", "other"}, std::pair{"other", "key"}}) {
      const data::StreamOwner other{data::TenantId(tenant), key};
      check(Code::not_found, attach("s", 0, other));
      check(Code::not_found, run_task(streams_.find(other, "s")));
      check(Code::not_found, run_task(streams_.remove(other, "s")));
      check(Code::not_found, run_task(streams_.newest_of_chat(other, "chat")));
    }
    check(Code::not_found, attach("unknown"));
    CHECK(attach("s"));
  }

  void takes_over() {
    begin("s");
    append("s", "data: 1\n\n");
    auto first = attached("s");
    CHECK(read(first) == std::string("data: 1\n\n"));
    auto second = attached("s", 1);
    append("s", "data: 2\n\n");
    check(Code::conflict, read(first));
    streams_.leave(first, false);  // does not speak for the second
    clock_.advance(std::chrono::hours(1));
    CHECK(run_task(streams_.overdue({"s"}))->empty());
    CHECK(read(second) == std::string("data: 2\n\n"));
  }

  void fails() {
    begin("s");
    append("s", "data: 1\n\n");
    end("s", Error(Code::upstream_failed, "it broke"));
    end("s");  // the first end counts
    auto reader = attached("s");
    CHECK(read(reader) == std::string("data: 1\n\n"));
    check(Code::upstream_failed, read(reader));
    streams_.leave(reader, false);
    check(Code::gone, attach("s", 1));
    begin("empty");
    auto early = attached("empty");
    end("empty", Error(Code::timed_out, "nothing came"));
    check(Code::timed_out, read(early));
    auto late = attached("empty");
    check(Code::timed_out, read(late));
  }

  void is_overdue() {
    begin("s");
    begin("ended");
    end("ended");
    const std::vector<std::string> ids{"s", "ended", "never was"};
    const std::vector<std::string> unknown{"never was"};
    const std::vector<std::string> both{"s", "never was"};
    CHECK(run_task(streams_.overdue(ids)) == unknown);
    auto reader = attached("s");
    clock_.advance(std::chrono::minutes(10));
    CHECK(run_task(streams_.overdue(ids)) == unknown);  // somebody reads
    streams_.leave(reader, false);
    clock_.advance(std::chrono::seconds(29));
    CHECK(run_task(streams_.overdue(ids)) == unknown);
    clock_.advance(std::chrono::seconds(1));
    CHECK(run_task(streams_.overdue(ids)) == both);
    reader = attached("s");
    CHECK(run_task(streams_.overdue(ids)) == unknown);
  }

  void expires() {
    begin("growing");
    begin("read");
    begin("left");
    auto reader = attached("read");
    end("read");
    end("left");
    clock_.advance(std::chrono::seconds(59));
    release_();
    CHECK(run_task(streams_.find(kOwner, "left")));
    clock_.advance(std::chrono::seconds(1));
    release_();
    check(Code::not_found, attach("left"));
    CHECK(run_task(streams_.find(kOwner, "growing")));
    CHECK(run_task(streams_.find(kOwner, "read")));  // while somebody reads
    streams_.leave(reader, false);
    clock_.advance(std::chrono::seconds(60));
    release_();
    check(Code::not_found, attach("read"));
  }

  void finds_chats() {
    check(Code::not_found, run_task(streams_.newest_of_chat(kOwner, "c")));
    begin("old", "c");
    begin("new", "c");
    CHECK(run_task(streams_.newest_of_chat(kOwner, "c")) == std::string("new"));
    append("new", "data: 1\n\n");
    end("new");
    CHECK(run_task(streams_.newest_of_chat(kOwner, "c")) == std::string("new"));
    CHECK(rest_of(attached("new")) == "data: 1\n\n");
    check(Code::not_found, run_task(streams_.newest_of_chat(kOwner, "c")));
    CHECK(rest_of(attached("new")) == "data: 1\n\n");  // by its id it is still there
  }

  void removes() {
    begin("s", "c");
    append("s", "data: 1\n\n");
    auto reader = attached("s");
    REQUIRE(run_task(streams_.remove(kOwner, "s")));
    check(Code::not_found, read(reader));
    streams_.leave(reader, false);
    check(Code::not_found, run_task(streams_.append("s", "data: 2\n\n")));
    check(Code::not_found, run_task(streams_.remove(kOwner, "s")));
    check(Code::not_found, run_task(streams_.newest_of_chat(kOwner, "c")));
    CHECK(run_task(streams_.overdue({"s"}))->size() == 1);
  }

  void survives_cuts() {
    SeededRandom random(20'260'214);
    for (int round = 0; round < 60; ++round) {
      const std::string id = "s" + std::to_string(round);
      begin(id);
      const std::string_view newline = round % 2 == 0 ? "\n" : "\r\n";
      std::string whole;
      std::vector<std::size_t> ends{0};
      for (std::uint64_t i = 0; i < 200; ++i) {
        whole += "data: " + std::string(random.next_u64() % 700, 'x');
        whole += std::string(newline) + std::string(newline);
        ends.push_back(whole.size());
      }
      std::size_t sent = 0;
      std::string got;
      while (got.size() < whole.size()) {
        // What a client has of whole events when its connection breaks, and the rest from there.
        const auto complete = std::ranges::upper_bound(ends, got.size()) - ends.begin() - 1;
        got.resize(ends[static_cast<std::size_t>(complete)]);
        auto reader = attached(id, static_cast<std::uint64_t>(complete));
        for (std::uint64_t pieces = random.next_u64() % 6; pieces < 6; ++pieces) {
          const std::size_t size = std::min<std::size_t>(whole.size() - sent, random.next_u64() % 9'000);
          if (size > 0) append(id, whole.substr(sent, size));
          sent += size;
          if (sent == whole.size()) end(id);
          if (reader.offset == sent) continue;
          auto bytes = read(reader);
          REQUIRE(bytes);
          // The connection may break anywhere in what was read.
          got += bytes->substr(
              0, random.next_u64() % 3 == 0 ? random.next_u64() % bytes->size() : bytes->size());
          if (got.size() < reader.offset) break;
        }
        streams_.leave(reader, false);
      }
      REQUIRE(got == whole);
    }
  }

  data::Streams& streams_;
  ManualClock& clock_;
  std::function<void()> release_;
};

}  // namespace weir::test
