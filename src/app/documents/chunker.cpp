#include "app/documents/chunker.h"

#include "app/documents/sentences.h"
#include "base/text.h"

namespace weir::app {
namespace {

struct Piece {
  std::size_t begin, end;
  bool heading;
  const std::string* path;
};

std::size_t chars(std::string_view text, const Piece& piece) {
  return count_code_points(text.substr(piece.begin, piece.end - piece.begin));
}

// The end of at most chars_max code points from `begin`.
std::size_t advance(std::string_view text, std::size_t begin, std::size_t end, std::size_t chars_max) {
  std::size_t at = begin;
  for (std::size_t count = 0; at < end; ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && ++count > chars_max) return at;
  }
  return at;
}

// A block that is too long becomes pieces: sentences, and of a sentence that is too long, stretches.
void split_block(std::string_view text, const Block& block, std::size_t chars_max, std::vector<Piece>& pieces) {
  const std::string_view inside = text.substr(block.begin, block.end - block.begin);
  if (count_code_points(inside) <= chars_max) {
    pieces.push_back({block.begin, block.end, block.kind == BlockKind::heading, &block.heading});
    return;
  }
  for (const Span& sentence : split_sentences(inside)) {
    std::size_t at = block.begin + sentence.begin;
    const std::size_t end = block.begin + sentence.end;
    while (at < end) {
      std::size_t next = advance(text, at, end, chars_max);
      if (next < end) {
        const auto space = text.substr(at, next - at).find_last_of(" \n\t");
        if (space != std::string_view::npos && space > 0) next = at + space;
      }
      pieces.push_back({at, next, false, &block.heading});
      at = text.find_first_not_of(" \n\t\r", next);
      if (at == std::string_view::npos) break;
    }
  }
}

}  // namespace

std::vector<data::Chunk> cut_into_chunks(const ParsedDocument& document, std::string_view document_id,
                                         ChunkerConfig config) {
  const std::string_view text = document.text;
  std::vector<Piece> pieces;
  for (const Block& block : document.blocks) split_block(text, block, config.target_chars * 3 / 2, pieces);

  std::vector<data::Chunk> chunks;
  std::size_t used = 0;          // code points in the open chunk
  bool only_headings = true;     // the open chunk has no body yet
  const auto open = [&](const Piece& piece) {
    data::Chunk chunk;
    chunk.document_id = document_id;
    chunk.ordinal = static_cast<std::uint32_t>(chunks.size());
    chunk.id = std::string(document_id) + "#" + std::to_string(chunk.ordinal);
    chunk.begin = piece.begin;
    chunks.push_back(std::move(chunk));
    used = 0;
    only_headings = true;
  };
  for (const Piece& piece : pieces) {
    const std::size_t size = chars(text, piece);
    const bool new_section = piece.heading && !only_headings;
    const bool full = used + size > config.target_chars && !only_headings;
    if (chunks.empty() || new_section || full) open(piece);
    chunks.back().end = piece.end;
    chunks.back().heading = *piece.path;
    used += size;
    only_headings = only_headings && piece.heading;
  }
  for (data::Chunk& chunk : chunks) chunk.text = text.substr(chunk.begin, chunk.end - chunk.begin);
  return chunks;
}

}  // namespace weir::app
