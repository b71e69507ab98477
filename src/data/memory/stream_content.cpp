#include "data/memory/stream_content.h"

#include <algorithm>

namespace weir::data {

void StreamContent::append(std::string_view bytes) {
  count_events(bytes);
  while (!bytes.empty()) {
    const bool open = !blocks_.empty() && blocks_.back().bytes != nullptr && !blocks_.back().writing &&
                      blocks_.back().size < SpillFile::kBlockSize;
    if (!open) blocks_.push_back({.begin = end_, .bytes = std::make_shared<std::string>()});
    StreamBlock& block = blocks_.back();
    const std::string_view part = bytes.substr(0, SpillFile::kBlockSize - block.size);
    *block.bytes += part;
    block.size += part.size();
    end_ += part.size();
    memory_ += part.size();
    bytes.remove_prefix(part.size());
  }
}

void StreamContent::count_events(std::string_view bytes) {
  std::uint64_t offset = end_;
  EventMark mark{};
  do {
    const std::size_t taken = scanner_.next(bytes, mark);
    bytes.remove_prefix(taken);
    offset += taken;
    if (mark == EventMark::event_end && ++events_ % kEventsPerMark == 0) marks_.push_back(offset);
    if (mark == EventMark::late_lf && events_ % kEventsPerMark == 0) marks_.back() = offset;
    if (mark == EventMark::event_end || mark == EventMark::late_lf) last_event_end_ = offset;
  } while (mark != EventMark::none);
}

const StreamBlock* StreamContent::block_at(std::uint64_t offset) const {
  if (offset < begin() || offset >= end_) return nullptr;
  const auto after = std::ranges::upper_bound(blocks_, offset, {}, &StreamBlock::begin);
  return &*std::prev(after);
}

std::optional<StreamContent::Mark> StreamContent::mark_before(std::uint64_t event) const {
  const std::uint64_t index = event / kEventsPerMark;
  if (index >= marks_.size() || marks_[index] < begin()) return std::nullopt;
  return Mark{.event = index * kEventsPerMark, .offset = marks_[index]};
}

StreamBlock* StreamContent::oldest_in_memory() {
  const auto found =
      std::ranges::find_if(blocks_, [](const StreamBlock& block) { return block.bytes && !block.writing; });
  return found == blocks_.end() ? nullptr : &*found;
}

void StreamContent::begin_writing(StreamBlock& block) {
  block.writing = true;
  writing_ += block.size;
}

bool StreamContent::finish_writing(std::uint64_t block_begin, std::uint32_t place) {
  const auto found = std::ranges::find(blocks_, block_begin, &StreamBlock::begin);
  if (found == blocks_.end()) return false;
  found->bytes = nullptr;
  found->place = place;
  found->writing = false;
  writing_ -= found->size;
  memory_ -= found->size;
  return true;
}

bool StreamContent::abandon_writing(std::uint64_t block_begin) {
  const auto found = std::ranges::find(blocks_, block_begin, &StreamBlock::begin);
  if (found == blocks_.end()) return false;
  found->writing = false;
  writing_ -= found->size;
  return true;
}

std::optional<std::uint32_t> StreamContent::forget_oldest() {
  const StreamBlock block = std::move(blocks_.front());
  blocks_.pop_front();
  if (block.bytes == nullptr) return block.place;
  memory_ -= block.size;
  if (block.writing) writing_ -= block.size;
  return std::nullopt;
}

}  // namespace weir::data
