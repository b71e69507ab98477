#include "app/documents/chunker.h"

#include "app/documents/sentences.h"
#include "base/text.h"

namespace weir::app {
namespace {

struct Piece {
  std::size_t begin, end;
  bool is_heading;
  std::uint32_t heading;
};

std::size_t chars(std::string_view text, std::size_t begin, std::size_t end) {
  return count_code_points(text.substr(begin, end - begin));
}

// A block that is too long becomes pieces: sentences, and of a sentence that is too long, stretches.
void split_block(std::string_view text, const Block& block, std::size_t chars_max,
                 std::vector<Piece>& pieces) {
  const std::string_view inside = text.substr(block.begin, block.end - block.begin);
  if (count_code_points(inside) <= chars_max) {
    pieces.push_back({block.begin, block.end, block.kind == BlockKind::heading, block.heading});
    return;
  }
  for (const Span& sentence : split_sentences(inside)) {
    std::size_t at = block.begin + sentence.begin;
    const std::size_t end = block.begin + sentence.end;
    while (at < end) {
      std::size_t next = at + first_code_points(text.substr(at, end - at), chars_max).size();
      if (next < end) {
        const auto space = text.substr(at, next - at).find_last_of(" \n\t");
        if (space != std::string_view::npos && space > 0) next = at + space;
      }
      pieces.push_back({at, next, false, block.heading});
      at = text.find_first_not_of(" \n\t\r", next);
      if (at == std::string_view::npos) break;
    }
  }
}

}  // namespace

Result<std::vector<data::Chunk>> cut_into_chunks(const ParsedDocument& document, ChunkerConfig config) {
  const std::string_view text = document.text;
  const std::size_t chars_max = config.target_chars * 3 / 2;
  std::vector<Piece> pieces;
  for (const Block& block : document.blocks) split_block(text, block, chars_max, pieces);

  std::vector<data::Chunk> chunks;
  std::vector<std::uint32_t> last_heading;  // of each chunk
  std::size_t used = 0;                     // code points in the open chunk
  bool only_headings = true;                // the open chunk has no body yet
  const auto open = [&](const Piece& piece) {
    data::Chunk chunk;
    chunk.ordinal = static_cast<std::uint32_t>(chunks.size());
    chunk.begin = piece.begin;
    chunks.push_back(std::move(chunk));
    used = 0;
    only_headings = true;
  };
  for (const Piece& piece : pieces) {
    const std::size_t size = chars(text, piece.begin, piece.end);
    const bool new_section = piece.is_heading && !only_headings;
    const bool full = used + size > config.target_chars && !only_headings;
    if (chunks.empty() || new_section || full) {
      open(piece);
    } else if (chars(text, chunks.back().begin, piece.end) > chars_max) {
      open(piece);  // headings without end, or much that is no block's between two blocks
    }
    if (chunks.size() > config.chunks_max) {
      return fail(Code::too_large,
                  "the document makes more than " + std::to_string(config.chunks_max) + " passages",
                  "split it");
    }
    chunks.back().end = piece.end;
    last_heading.resize(chunks.size());
    last_heading.back() = piece.heading;
    used += size;
    only_headings = only_headings && piece.is_heading;
  }
  for (data::Chunk& chunk : chunks) {
    chunk.text = text.substr(chunk.begin, chunk.end - chunk.begin);
    chunk.heading = heading_path(document, last_heading[chunk.ordinal]);
  }
  return chunks;
}

}  // namespace weir::app
